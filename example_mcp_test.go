package funcall_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// An MCPTool is a tool as an MCP server lists it.
type MCPTool struct {
	Name, Description string
	InputSchema       json.RawMessage
}

// An MCPClient is a connection to an MCP server. A few lines make one of the client of any SDK.
type MCPClient interface {
	ListTools(ctx context.Context) ([]MCPTool, error)
	// CallTool returns the content of the result as parts. failed is the isError of the result.
	CallTool(ctx context.Context, name string, args json.RawMessage) (content []provider.Part, failed bool, err error)
}

// mcpTools returns the tools of an MCP server, named prefix.name. reads says which of them only
// read; the server's own annotations are not proof. Tools that cannot work are left out, and
// skipped says why.
func mcpTools(ctx context.Context, prefix string, c MCPClient, reads map[string]bool) (tools []funcall.Tool, skipped []error, err error) {
	list, err := c.ListTools(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range list {
		how := funcall.RequireApproval(func(context.Context, json.RawMessage) (string, error) {
			return "the tool " + t.Name + " of " + prefix + " may change something", nil
		})
		if reads[t.Name] {
			how = funcall.ReadOnly()
		}
		tool := funcall.NewRawTool(prefix+"."+t.Name, t.Description, t.InputSchema, func(ctx context.Context, args json.RawMessage) (any, error) {
			content, failed, err := c.CallTool(ctx, t.Name, args)
			if err != nil {
				return nil, funcall.InDoubt(err) // no answer came: it may have been done
			}
			if failed {
				return nil, funcall.Visible(errors.New(provider.ToolResult{Parts: content}.Text()))
			}
			return content, nil
		}, how)
		if err := tool.Err(); err != nil {
			skipped = append(skipped, err)
			continue
		}
		tools = append(tools, tool)
	}
	return tools, skipped, nil
}

// files stands for an MCP server.
type files struct{}

func (files) ListTools(context.Context) ([]MCPTool, error) {
	return []MCPTool{
		{"read", "Reads a file.", json.RawMessage(`{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}`)},
		{"remove", "Removes a file.", json.RawMessage(`{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}`)},
		{"broken", "Has a schema that cannot work.", json.RawMessage(`{"type":"object","properties":{"at":{"$ref":"https://schemas.example/place"}}}`)},
	}, nil
}

func (files) CallTool(_ context.Context, name string, args json.RawMessage) ([]provider.Part, bool, error) {
	if name != "read" {
		return nil, false, errors.New("the connection was closed")
	}
	return []provider.Part{provider.Text{Text: "the content of " + string(args)}}, false, nil
}

// The tools of an MCP server become tools of an agent.
func ExampleNewRawTool_mcp() {
	ctx := context.Background()
	tools, skipped, err := mcpTools(ctx, "files", files{}, map[string]bool{"read": true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(tools), "tools;", len(skipped), "left out")
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("files.read", `{"path":"notes.txt"}`), providertest.Call("files.remove", `{"path":"notes.txt"}`),
		providertest.Say("I do not know whether it is gone.")), funcall.Config{Tools: tools})
	if err != nil {
		fmt.Println(err)
		return
	}
	chat := agent.Session("ticket-1")
	res, err := chat.Send(ctx, "Read notes.txt, then remove it.")
	fmt.Println(res.Calls[0].Text())
	fmt.Println(res.Outcome, res.Pending[0].Reason, err)
	res, err = chat.Decide(ctx, funcall.Approve(res.Pending[0], funcall.By("anna")))
	fmt.Println(res.Calls[1].Status, res.Text(), err)
	// Output:
	// 2 tools; 1 left out
	// the content of {"path":"notes.txt"}
	// waiting the tool remove of files may change something <nil>
	// in_doubt I do not know whether it is gone. <nil>
}
