package ecommerce_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// call makes a model call a tool, and returns the call's record.
func call(t *testing.T, b ecommerce.Backend, as funcall.RunOption, tool, args string) funcall.CallRecord {
	t.Helper()
	return callOf(t, ecommerce.Tools(b), as, tool, args)
}

func callOf(t *testing.T, tools []funcall.Tool, as funcall.RunOption, tool, args string) funcall.CallRecord {
	t.Helper()
	agent, err := funcall.New(
		providertest.NewScript(t, providertest.Call(tool, args), providertest.Say("Done.")),
		funcall.Config{Instructions: ecommerce.Policy, Tools: tools})
	if err != nil {
		t.Fatal(err)
	}
	res, err := agent.Run(t.Context(), "Go ahead.", as)
	if err != nil || len(res.Calls) != 1 {
		t.Fatalf("%s %s: %v, %d calls", tool, args, err, len(res.Calls))
	}
	return res.Calls[0]
}

var sarah, james, noSubject, visitor = ecommerce.Customer("CUST-9821"), ecommerce.Customer("CUST-8765"), ecommerce.Customer(""), ecommerce.Visitor()

func mock(opts ...ecommerce.MockOption) *ecommerce.Mock {
	return ecommerce.NewMock(append([]ecommerce.MockOption{ecommerce.Latency(0)}, opts...)...)
}

func TestSchemas(t *testing.T) {
	want := map[string]string{
		"get_order_status":           `order_id:string! include_tracking:boolean=true`,
		"check_product_availability": `product_sku:string! zip_code:string quantity_needed:integer=1`,
		"process_return": `order_id:string! reason:string!["defective","wrong_item","changed_mind","not_as_described","other"] ` +
			`items_to_return:array quantities:array request_pickup:boolean=true`,
		"get_customer_info": `customer_id:string! include_order_history:boolean=false`,
		"get_product_info":  `product_sku:string! info_type:string=all["specs","warranty","shipping","all"]`,
	}
	for _, tool := range ecommerce.Tools(mock()) {
		var s struct {
			Properties map[string]struct {
				Type, Description string
				Default           any
				Enum              json.RawMessage
			}
			Required []string
		}
		if err := json.Unmarshal(tool.Schema(), &s); err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, name := range inOrder(tool.Schema(), s.Properties) {
			p := s.Properties[name]
			text := name + ":" + p.Type
			for _, r := range s.Required {
				if r == name {
					text += "!"
				}
			}
			if p.Default != nil {
				text += fmt.Sprintf("=%v", p.Default)
			}
			if p.Description == "" {
				t.Errorf("%s: %s has no description", tool.Name(), name)
			}
			parts = append(parts, text+string(p.Enum))
		}
		if got := strings.Join(parts, " "); got != want[tool.Name()] {
			t.Errorf("%s\n got %s\nwant %s", tool.Name(), got, want[tool.Name()])
		}
		if bytes.Contains(tool.Schema(), []byte(`"pattern"`)) {
			t.Errorf("%s: an id of any form may be asked for: %s", tool.Name(), tool.Schema())
		}
		delete(want, tool.Name())
	}
	if len(want) > 0 {
		t.Errorf("these tools are missing: %v", want)
	}
}

func inOrder[V any](schema []byte, properties map[string]V) []string {
	var names []string
	for len(names) < len(properties) {
		first, at := "", len(schema)
		for name := range properties {
			if i := bytes.Index(schema, []byte(`"`+name+`":{`)); i >= 0 && i < at {
				first, at = name, i
			}
		}
		if first == "" {
			return names
		}
		names = append(names, first)
		schema = schema[at+1:]
	}
	return names
}

// TestAnswers compares every envelope's exact keys and numbers.
func TestAnswers(t *testing.T) {
	const (
		items   = `"items":[{"name":"Wireless Earbuds Pro","sku":"WEP-2024","qty":1,"price":89.99},{"name":"USB-C Charging Cable","sku":"UCC-2M","qty":2,"price":12.99}]`
		order   = `{"order_id":"ORD-78342","customer_id":"CUST-9821","status":"in_transit",` + items + `,"total":115.97,"order_date":"2024-11-15","shipping_address":"742 Evergreen Terrace, Springfield, IL 62704","estimated_delivery":"2024-11-20"`
		profile = `{"customer_id":"CUST-9821","email":"sarah.johnson@example.com","name":"Sarah Johnson","member_since":"2022-03-15","tier":"Gold","total_orders":23,"total_spent":2847.50,"address":"742 Evergreen Terrace, Springfield, IL 62704","phone":"+1-555-0123"`
		stock   = `{"sku":"WEP-2024","name":"Wireless Earbuds Pro","available":true,"quantity":47,"warehouses":[{"location":"Chicago, IL","qty":25,"ships_in":"1-2 days"},{"location":"Dallas, TX","qty":15,"ships_in":"2-3 days"},{"location":"Los Angeles, CA","qty":7,"ships_in":"1-2 days"}],"estimated_delivery_range":"2-4 business days",`
	)
	for _, c := range []struct{ name, tool, args, want string }{
		{"order with tracking unless told otherwise", "get_order_status", `{"order_id":"ORD-78342"}`,
			`{"success":true,"data":` + order + `,"tracking":{"carrier":"FastShip Express","tracking_number":"FS8945612378945","events":[` +
				`{"timestamp":"2024-11-16 08:30","location":"Chicago, IL","status":"Package picked up"},` +
				`{"timestamp":"2024-11-16 14:20","location":"Chicago Distribution Center","status":"In transit to destination"},` +
				`{"timestamp":"2024-11-17 09:45","location":"Indianapolis, IN","status":"Arrived at local facility"}]}}}`},
		{"order without tracking", "get_order_status", `{"order_id":"ORD-78342","include_tracking":false}`,
			`{"success":true,"data":` + order + `}}`},
		{"order that does not exist", "get_order_status", `{"order_id":"no such order"}`,
			`{"success":false,"error":"Order not found","order_id":"no such order"}`},
		{"stock, defaults", "check_product_availability", `{"product_sku":"WEP-2024"}`,
			`{"success":true,"data":` + stock + `"meets_quantity":true,"quantity_available":47,"quantity_needed":1,"closest_warehouse":{"location":"Chicago, IL","qty":25,"ships_in":"1-2 days"}}}`},
		{"stock by UPC, not enough", "check_product_availability", `{"product_sku":"850012345017","zip_code":"75201","quantity_needed":60}`,
			`{"success":true,"data":` + stock + `"meets_quantity":false,"quantity_available":47,"quantity_needed":60,"closest_warehouse":{"location":"Dallas, TX","qty":15,"ships_in":"2-3 days"}}}`},
		{"stock of nothing", "check_product_availability", `{"product_sku":"XXX"}`,
			`{"success":false,"error":"Product XXX not found","sku":"XXX"}`},
		{"stock for an invalid ZIP code", "check_product_availability", `{"product_sku":"WEP-2024","zip_code":"6270"}`,
			`{"success":false,"error":"\"6270\" is not a valid ZIP code: it has five digits, such as 62704","sku":"WEP-2024"}`},
		{"stock for no pieces", "check_product_availability", `{"product_sku":"WEP-2024","quantity_needed":-5}`,
			`{"success":false,"error":"quantity_needed is -5: it must be 1 or more","sku":"WEP-2024"}`},
		{"customer", "get_customer_info", `{"customer_id":"CUST-9821"}`, `{"success":true,"data":` + profile + `}}`},
		{"customer by e-mail, with history", "get_customer_info", `{"customer_id":"Sarah.Johnson@Example.com","include_order_history":true}`,
			`{"success":true,"data":` + profile + `,"order_history":[` +
				`{"order_id":"ORD-78342","date":"2024-11-15","status":"in_transit","total":115.97},{"order_id":"ORD-70211","date":"2024-10-28","status":"delivered","total":162.98},` +
				`{"order_id":"ORD-66050","date":"2024-08-19","status":"cancelled","total":549.99},{"order_id":"ORD-64317","date":"2024-07-05","status":"returned","total":89.99}]}}`},
		{"customer that does not exist", "get_customer_info", `{"customer_id":"CUST-1"}`, `{"success":false,"error":"Customer not found"}`},
		{"warranty by name", "get_product_info", `{"product_sku":"wireless earbuds pro","info_type":"warranty"}`,
			`{"success":true,"data":{"sku":"WEP-2024","name":"Wireless Earbuds Pro","warranty":{"type":"2-year limited warranty","coverage":"Manufacturing defects and malfunctions","process":"Contact support for warranty claims"}}}`},
		{"shipping by UPC", "get_product_info", `{"product_sku":"850012345017","info_type":"shipping"}`,
			`{"success":true,"data":{"sku":"WEP-2024","name":"Wireless Earbuds Pro","shipping":{"methods":["Standard (5-7 days)","Express (2-3 days)","Next Day"],"costs":{"standard":4.99,"express":12.99,"next_day":24.99},"free_shipping_threshold":75.00}}}`},
		{"part of a name", "get_product_info", `{"product_sku":"Earbuds","info_type":"warranty"}`,
			`{"success":true,"data":{"sku":"WEP-2024","name":"Wireless Earbuds Pro","warranty":{"type":"2-year limited warranty","coverage":"Manufacturing defects and malfunctions","process":"Contact support for warranty claims"}}}`},
		{"no name", "get_product_info", `{"product_sku":"toaster"}`, `{"success":false,"error":"Product toaster not found"}`},
		{"stock by a mistyped name", "check_product_availability", `{"product_sku":"Wireles Earbud"}`,
			`{"success":true,"data":` + stock + `"meets_quantity":true,"quantity_available":47,"quantity_needed":1,"closest_warehouse":{"location":"Chicago, IL","qty":25,"ships_in":"1-2 days"}}}`},
		{"stock by a wrong code", "check_product_availability", `{"product_sku":"WEP-2025"}`,
			`{"success":false,"error":"Product WEP-2025 not found; ask which of the candidates is meant","sku":"WEP-2025","candidates":[{"sku":"WEP-2024","name":"Wireless Earbuds Pro"}]}`},
		{"product by a wrong code", "get_product_info", `{"product_sku":"WEP-2025"}`,
			`{"success":false,"error":"Product WEP-2025 not found; ask which of the candidates is meant","candidates":[{"sku":"WEP-2024","name":"Wireless Earbuds Pro"}]}`},
		{"part of a line", "process_return", `{"order_id":"ORD-78342","reason":"changed_mind","items_to_return":[1],"quantities":[1],"request_pickup":false}`,
			`{"success":true,"data":{"return_id":"RET-100001","order_id":"ORD-78342","status":"return_initiated","reason":"changed_mind","items_accepted":["USB-C Charging Cable"],"quantities_accepted":[1],"return_label_url":"https://returns.example.com/label/RET-100001.pdf",` +
				`"return_instructions":"Pack the items, attach the label and bring the parcel to any drop-off point of the carrier.","pickup_scheduled":false,"pickup_date":null,"refund_amount":12.99,"refund_method":"Original payment method","refund_timeline":"5-7 business days after return is received"}}`},
		{"the returns of an order", "get_order_status", `{"order_id":"ORD-64317"}`,
			`{"success":true,"data":{"order_id":"ORD-64317","customer_id":"CUST-9821","status":"returned","items":[{"name":"Wireless Earbuds Pro","sku":"WEP-2024","qty":1,"price":89.99,"returned":1}],"total":89.99,"order_date":"2024-07-05",` +
				`"shipping_address":"742 Evergreen Terrace, Springfield, IL 62704","estimated_delivery":"2024-07-10","returns":[{"return_id":"RET-064317","order_id":"ORD-64317","status":"refunded","reason":"defective","items_accepted":["Wireless Earbuds Pro"],"quantities_accepted":[1],"return_label_url":"https://returns.example.com/label/RET-064317.pdf",` +
				`"return_instructions":"Pack the items, attach the label and bring the parcel to any drop-off point of the carrier.","pickup_scheduled":false,"pickup_date":null,"refund_amount":89.99,"refund_method":"Original payment method","refund_timeline":"5-7 business days after return is received"}]}}`},
		{"return of an item", "process_return", `{"order_id":"ORD-78342","reason":"changed_mind","items_to_return":[1],"request_pickup":false}`,
			`{"success":true,"data":{"return_id":"RET-100001","order_id":"ORD-78342","status":"return_initiated","reason":"changed_mind","items_accepted":["USB-C Charging Cable"],"quantities_accepted":[2],"return_label_url":"https://returns.example.com/label/RET-100001.pdf",` +
				`"return_instructions":"Pack the items, attach the label and bring the parcel to any drop-off point of the carrier.","pickup_scheduled":false,"pickup_date":null,"refund_amount":25.98,"refund_method":"Original payment method","refund_timeline":"5-7 business days after return is received"}}`},
		{"return with a pickup unless told otherwise", "process_return", `{"order_id":"ORD-78342","reason":"defective"}`,
			`{"success":true,"data":{"return_id":"RET-100001","order_id":"ORD-78342","status":"return_initiated","reason":"defective","items_accepted":["Wireless Earbuds Pro","USB-C Charging Cable"],"quantities_accepted":[1,2],"return_label_url":"https://returns.example.com/label/RET-100001.pdf",` +
				`"return_instructions":"Pack the items, attach the label and have the parcel ready for the driver on the pickup date.","pickup_scheduled":true,"pickup_date":"2024-11-25","refund_amount":115.97,"refund_method":"Original payment method","refund_timeline":"5-7 business days after return is received"}}`},
		{"return of no items", "process_return", `{"order_id":"ORD-78342","reason":"defective","items_to_return":[]}`,
			`{"success":false,"error":"items_to_return is empty: name at least one item, or leave it out to return all.","order_id":"ORD-78342"}`},
		{"return of an order that does not exist", "process_return", `{"order_id":"ORD-0","reason":"defective"}`,
			`{"success":false,"error":"Order not found","order_id":"ORD-0"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := call(t, mock(), sarah, c.tool, c.args)
			if got.Status != transcript.StatusOK || got.Text() != c.want {
				t.Errorf("%s\n%s", got.Status, cmp.Diff(c.want, got.Text()))
			}
		})
	}
}

func TestProductAll(t *testing.T) {
	got := call(t, mock(), visitor, "get_product_info", `{"product_sku":"WEP-2024"}`).Text()
	for _, want := range []string{`"price":89.99`, `"description":"Premium`, `"battery_life":"30 hours`, `"warranty":{"type"`, `"shipping":{"methods"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

func TestSeveralProductsOfOneName(t *testing.T) {
	data := ecommerce.ReferenceData()
	twin := data.Products[3]
	twin.SKU, twin.UPC = "UCC-1M", ""
	data.Products = append(data.Products, twin)
	got := call(t, mock(ecommerce.With(data)), visitor, "get_product_info", `{"product_sku":"usb-c charging cable"}`).Text()
	const want = `{"success":false,"error":"2 products match usb-c charging cable; ask again with the SKU of one",` +
		`"candidates":[{"sku":"UCC-2M","name":"USB-C Charging Cable"},{"sku":"UCC-1M","name":"USB-C Charging Cable"}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTooManyCandidates(t *testing.T) {
	var data ecommerce.Data
	for i := range 12 {
		data.Products = append(data.Products, ecommerce.Product{SKU: fmt.Sprintf("C-%d", i), Name: fmt.Sprintf("Cable %d", i)})
	}
	for tool, sku := range map[string]string{"get_product_info": "", "check_product_availability": `"sku":"cables",`} {
		got := call(t, mock(ecommerce.With(data)), visitor, tool, `{"product_sku":"cables"}`).Text()
		want := `{"success":false,"error":"12 products match cables; ask again with the SKU of one. The candidates are the first 10",` + sku + `"candidates":[{"sku":"C-0",`
		if !strings.HasPrefix(got, want) || strings.Count(got, `"sku":"C-`) != 10 {
			t.Errorf("%s: %s", tool, got)
		}
	}
}

// A refusesProducts backend has no products, for a reason.
type refusesProducts struct {
	*ecommerce.Mock
	refusal *ecommerce.Refusal
}

func (b refusesProducts) Products(context.Context, string) ([]ecommerce.Product, error) {
	return nil, b.refusal
}

// The backend may return one refusal to all.
func TestARefusalOfTheBackendStaysItsOwn(t *testing.T) {
	b := refusesProducts{mock(), &ecommerce.Refusal{Message: "The catalog is closed"}}
	for _, code := range []string{"A-1", "A-2"} {
		want := `{"success":false,"error":"The catalog is closed","sku":"` + code + `"}`
		if got := call(t, b, visitor, "check_product_availability", `{"product_sku":"`+code+`"}`).Text(); got != want || b.refusal.SKU != "" {
			t.Errorf("got %s, want %s, %+v", got, want, b.refusal)
		}
	}
}

// What a model asks for is repeated in part only.
func TestEchoesAreShort(t *testing.T) {
	long := strings.Repeat("k", 10000)
	for tool, field := range map[string]string{"check_product_availability": "product_sku", "get_product_info": "product_sku", "get_order_status": "order_id"} {
		if got := call(t, mock(), sarah, tool, `{"`+field+`":"`+long+`"}`).Text(); len(got) > 300 {
			t.Errorf("%s: %d bytes", tool, len(got))
		}
	}
}

func TestHistoryOfElevenOrders(t *testing.T) {
	var data ecommerce.Data
	data.Profiles = ecommerce.ReferenceData().Profiles
	for i := range 11 {
		data.Orders = append(data.Orders, ecommerce.Order{
			ID: fmt.Sprintf("ORD-%d", i), CustomerID: "CUST-9821", Status: "delivered",
			OrderDate: ecommerce.Date(fmt.Sprintf("2024-%02d-01", (i*7)%11+1)),
		})
	}
	var want []string
	for month := 11; month >= 2; month-- {
		want = append(want, fmt.Sprintf("2024-%02d-01", month))
	}
	m := mock(ecommerce.With(data))
	for _, b := range []ecommerce.Backend{m, forgetful{m}} {
		var got struct{ Data ecommerce.CustomerInfo }
		text := call(t, b, sarah, "get_customer_info", `{"customer_id":"CUST-9821","include_order_history":true}`).Text()
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		var dates []string
		for _, o := range got.Data.OrderHistory {
			dates = append(dates, string(o.Date))
		}
		if diff := cmp.Diff(want, dates); diff != "" {
			t.Errorf("%T (-want +got):\n%s", b, diff)
		}
	}
}

func TestEmptyHistoryIsAList(t *testing.T) {
	data := ecommerce.Data{Profiles: ecommerce.ReferenceData().Profiles}
	got := call(t, mock(ecommerce.With(data)), sarah, "get_customer_info", `{"customer_id":"CUST-9821","include_order_history":true}`).Text()
	if !strings.HasSuffix(got, `"order_history":[]}}`) {
		t.Errorf("got %s", got)
	}
}

func TestMeIsTheSessionsOwnCustomer(t *testing.T) {
	for _, c := range []struct {
		as   funcall.RunOption
		want string
	}{
		{sarah, `"customer_id":"CUST-9821"`},
		{james, `"customer_id":"CUST-8765"`},
		{ecommerce.Operator(), `{"success":false,"error":"Customer not found"}`},
		{visitor, `{"success":false,"error":"Customer not found"}`},
		{noSubject, `{"success":false,"error":"Customer not found"}`},
	} {
		if got := call(t, mock(), c.as, "get_customer_info", `{"customer_id":"me"}`).Text(); !strings.Contains(got, c.want) {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	// A model that does not know the word asks the customer for an id.
	for _, tool := range ecommerce.Tools(mock()) {
		if tool.Name() == "get_customer_info" && !bytes.Contains(tool.Schema(), []byte("the word me ")) {
			t.Errorf("the schema does not mention the word me: %s", tool.Schema())
		}
	}
	if !strings.Contains(ecommerce.Policy, `"me"`) {
		t.Error("the policy does not tell of it")
	}
}

var _ provider.Provider = obedient{}
