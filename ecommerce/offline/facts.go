package offline

import "encoding/json"

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
	Success    bool        `json:"success"`
	Data       T           `json:"data"`
	Error      string      `json:"error"`
	OrderID    string      `json:"order_id"`
	SKU        string      `json:"sku"`
	Candidates []candidate `json:"candidates"`
}

// A candidate is one of several products that a name could mean.
type candidate struct {
	SKU  string `json:"sku"`
	Name string `json:"name"`
}

// An amount keeps its digits as written.
type amount = json.Number

type order struct {
	ID         string `json:"order_id"`
	CustomerID string `json:"customer_id"`
	Status     string `json:"status"`
	Items      []item `json:"items"`
	Total      amount `json:"total"`
	OrderDate  string `json:"order_date"`
	Address    string `json:"shipping_address"`
	Estimated  string `json:"estimated_delivery"`
	Tracking   *struct {
		Carrier string `json:"carrier"`
		Number  string `json:"tracking_number"`
		Events  []struct {
			Timestamp string `json:"timestamp"`
			Location  string `json:"location"`
			Status    string `json:"status"`
		} `json:"events"`
	} `json:"tracking"`
	Returns []returned `json:"returns"`
}

// An item is one position of an order.
type item struct {
	Name  string      `json:"name"`
	SKU   string      `json:"sku"`
	Qty   json.Number `json:"qty"`
	Price amount      `json:"price"`
	// Returned is how many of the pieces were returned.
	Returned json.Number `json:"returned"`
}

// left returns how many pieces were not returned.
func (i item) left() int {
	qty, _ := i.Qty.Int64()
	back, _ := i.Returned.Int64()
	return int(qty - back)
}

func (o order) itemNames() []string {
	var names []string
	for _, i := range o.Items {
		names = append(names, i.Name)
	}
	return names
}

// left returns how many pieces of item i were not returned.
func (o order) left(i int) int { return o.Items[i].left() }

// pieces returns how many pieces of all items were not returned.
func (o order) pieces() int {
	n := 0
	for i := range o.Items {
		n += o.left(i)
	}
	return n
}

func (o order) isOpen() bool { return isOpen(o.Status) }

// isOpen reports whether an order with that status is still under way.
func isOpen(status string) bool {
	return status == "processing" || status == "shipped" || status == "in_transit"
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
	Address     string      `json:"address"`
	Phone       string      `json:"phone"`
	History     []summary   `json:"order_history"`
}

// A summary is one order of a customer's history.
type summary struct {
	ID     string `json:"order_id"`
	Date   string `json:"date"`
	Status string `json:"status"`
	Total  amount `json:"total"`
}

type returned struct {
	ID           string   `json:"return_id"`
	OrderID      string   `json:"order_id"`
	Status       string   `json:"status"`
	Items        []string `json:"items_accepted"`
	Quantities   []int    `json:"quantities_accepted"`
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

// facts are the orders that the tools returned, by ID.
type facts struct{ orders map[string]order }

func newFacts() facts { return facts{make(map[string]order)} }

func (f *facts) learnAll(calls []finished) {
	for _, done := range calls {
		if e, ok := decode[order](done.text); done.tool == toolOrder && !done.isError && ok && e.Success {
			f.orders[e.Data.ID] = e.Data
		}
	}
}

// forgetReturned drops the orders that a return may have changed.
func (f *facts) forgetReturned(calls []finished) {
	for _, done := range calls {
		if done.tool == toolReturn {
			delete(f.orders, argument(done.args, "order_id"))
		}
	}
}
