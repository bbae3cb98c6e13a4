package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/internal/schema"
)

// One call's arguments, to the struct that the tool gets: checked and completed on the one
// side, unmarshaled on the other.
const stockArguments = `{"product_sku":"WEP-2024","zip_code":"62704","quantity_needed":2}`

func checkArguments(*env) (func(timer) error, error) {
	s, err := schema.Reflect(reflect.TypeFor[ecommerce.StockQuery]())
	if err != nil {
		return nil, err
	}
	return func(timer) error {
		var in ecommerce.StockQuery
		checked, _, problems := s.Check(stockArguments)
		if problems = append(problems, s.Decode(checked, &in)...); len(problems) > 0 {
			return fmt.Errorf("the arguments are refused: %v", problems)
		}
		return nil
	}, nil
}

func unmarshalArguments(*env) (func(timer) error, error) {
	return func(timer) error {
		var in ecommerce.StockQuery
		return json.Unmarshal([]byte(stockArguments), &in)
	}, nil
}

// Building a tool: from its type on the one side, from a schema written by hand on the other,
// which is marshaled with each request.
const productDescription = "Retrieves a product's specifications, its price, and its warranty and shipping policies."

func buildTool(*env) (func(timer) error, error) {
	return func(timer) error {
		tool := funcall.NewTool(ecommerce.ToolProduct, productDescription,
			func(context.Context, ecommerce.ProductQuery) (string, error) { return "", nil }, funcall.ReadOnly())
		if tool.Schema() == nil {
			return errors.New("the tool has no schema")
		}
		return nil
	}, nil
}

func describeTool(*env) (func(timer) error, error) {
	type object = map[string]any
	return func(timer) error {
		schema, err := json.Marshal(object{
			"type": "object",
			"properties": object{
				"product_sku": object{"type": "string", "description": "The product's SKU, or its full name"},
				"info_type": object{
					"type": "string", "enum": []string{"specs", "warranty", "shipping", "all"}, "default": "all",
					"description": "Which part of the product information to return",
				},
			},
			"required":             []string{"product_sku"},
			"additionalProperties": false,
		})
		if err != nil {
			return err
		}
		tool := loopTool{Type: "function"}
		tool.Function.Name, tool.Function.Description, tool.Function.Parameters = ecommerce.ToolProduct, productDescription, schema
		_, err = json.Marshal(tool)
		return err
	}, nil
}
