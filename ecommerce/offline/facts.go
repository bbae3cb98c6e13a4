package offline

import (
	"encoding/json"
	"strings"
)

// The tools of the reference shop.
const (
	toolOrder    = "get_order_status"
	toolStock    = "check_product_availability"
	toolReturn   = "process_return"
	toolCustomer = "get_customer_info"
	toolProduct  = "get_product_info"
)

// An envelope is the result of every tool of the shop.
type envelope[T any] struct {
	Success    bool   `json:"success"`
	Data       T      `json:"data"`
	Error      string `json:"error"`
	OrderID    string `json:"order_id"`
	Candidates []struct {
		SKU  string `json:"sku"`
		Name string `json:"name"`
	} `json:"candidates"`
}

// An amount keeps its digits as written.
type amount = json.Number

type order struct {
	ID     string `json:"order_id"`
	Status string `json:"status"`
	Items  []struct {
		Name  string      `json:"name"`
		SKU   string      `json:"sku"`
		Qty   json.Number `json:"qty"`
		Price amount      `json:"price"`
	} `json:"items"`
	Total     amount `json:"total"`
	OrderDate string `json:"order_date"`
	Address   string `json:"shipping_address"`
	Estimated string `json:"estimated_delivery"`
	Tracking  *struct {
		Carrier string `json:"carrier"`
		Number  string `json:"tracking_number"`
		Events  []struct {
			Timestamp string `json:"timestamp"`
			Location  string `json:"location"`
			Status    string `json:"status"`
		} `json:"events"`
	} `json:"tracking"`
}

func (o order) itemNames() []string {
	var names []string
	for _, i := range o.Items {
		names = append(names, i.Name)
	}
	return names
}

type warehouse struct {
	Location string      `json:"location"`
	Qty      json.Number `json:"qty"`
	ShipsIn  string      `json:"ships_in"`
}

type availability struct {
	SKU           string      `json:"sku"`
	Name          string      `json:"name"`
	Quantity      json.Number `json:"quantity_available"`
	Needed        json.Number `json:"quantity_needed"`
	Meets         bool        `json:"meets_quantity"`
	Closest       *warehouse  `json:"closest_warehouse"`
	Warehouses    []warehouse `json:"warehouses"`
	DeliveryRange string      `json:"estimated_delivery_range"`
}

type product struct {
	SKU         string            `json:"sku"`
	Name        string            `json:"name"`
	Price       amount            `json:"price"`
	Description string            `json:"description"`
	Specs       map[string]string `json:"specs"`
	Warranty    *struct {
		Type     string `json:"type"`
		Coverage string `json:"coverage"`
		Process  string `json:"process"`
	} `json:"warranty"`
	Shipping *struct {
		Methods []string `json:"methods"`
		Costs   struct {
			Standard amount `json:"standard"`
			Express  amount `json:"express"`
			NextDay  amount `json:"next_day"`
		} `json:"costs"`
		FreeFrom amount `json:"free_shipping_threshold"`
	} `json:"shipping"`
}

type customer struct {
	ID          string      `json:"customer_id"`
	Email       string      `json:"email"`
	Name        string      `json:"name"`
	MemberSince string      `json:"member_since"`
	Tier        string      `json:"tier"`
	TotalOrders json.Number `json:"total_orders"`
	TotalSpent  amount      `json:"total_spent"`
	History     []struct {
		ID     string `json:"order_id"`
		Date   string `json:"date"`
		Status string `json:"status"`
		Total  amount `json:"total"`
	} `json:"order_history"`
}

type returned struct {
	ID           string   `json:"return_id"`
	OrderID      string   `json:"order_id"`
	Items        []string `json:"items_accepted"`
	LabelURL     string   `json:"return_label_url"`
	Instructions string   `json:"return_instructions"`
	PickupDate   *string  `json:"pickup_date"`
	Refund       amount   `json:"refund_amount"`
	Method       string   `json:"refund_method"`
	Timeline     string   `json:"refund_timeline"`
}

// decode reads a result of the shop.
func decode[T any](text string) (envelope[T], bool) {
	var e envelope[T]
	err := json.Unmarshal([]byte(text), &e)
	return e, err == nil && (e.Success || e.Error != "")
}

// facts holds what the tools returned in the whole conversation.
type facts struct {
	orders map[string]order  // by id
	skus   map[string]string // by name in small letters
}

func newFacts() facts {
	return facts{orders: make(map[string]order), skus: make(map[string]string)}
}

func (f *facts) learn(done finished) {
	if done.isError {
		return
	}
	switch done.tool {
	case toolOrder:
		if e, ok := decode[order](done.text); ok && e.Success {
			f.orders[e.Data.ID] = e.Data
			for _, i := range e.Data.Items {
				f.name(i.Name, i.SKU)
			}
		}
	case toolProduct:
		if e, ok := decode[product](done.text); ok && e.Success {
			f.name(e.Data.Name, e.Data.SKU)
		}
	case toolStock:
		if e, ok := decode[availability](done.text); ok && e.Success {
			f.name(e.Data.Name, e.Data.SKU)
		}
	}
}

func (f *facts) name(name, sku string) {
	if name != "" && sku != "" {
		f.skus[strings.ToLower(name)] = sku
	}
}
