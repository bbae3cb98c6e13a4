package ecommerce

import "time"

// Data is the content of a [Mock].
type Data struct {
	Orders   []Order
	Stock    []Stock
	Products []Product
	Profiles []Profile
}

// ReferenceData returns a copy of the small shop of examples and tests: orders of every
// status, one of them with a discount, three customers, four products.
func ReferenceData() Data {
	return Data{Orders: referenceOrders(), Stock: referenceStock(), Products: referenceProducts(), Profiles: referenceProfiles()}
}

// ReferenceTime returns noon of 2024-11-20 in UTC. It is a clock for [ReferenceData], whose
// orders are recent on that day.
func ReferenceTime() time.Time { return time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC) }

const (
	sarahsAddress = "742 Evergreen Terrace, Springfield, IL 62704"
	jamesAddress  = "1800 Lakeview Drive, Dallas, TX 75201"
	mariasAddress = "55 Pike Street, Seattle, WA 98101"
)

func referenceOrders() []Order {
	line := func(p Product, qty int) Item { return Item{Name: p.Name, SKU: p.SKU, Qty: qty, Price: p.Price} }
	p := referenceProducts()
	earbuds, keyboard, tv, cable := p[0], p[1], p[2], p[3]
	return []Order{
		{
			ID: "ORD-78342", CustomerID: "CUST-9821", Status: StatusInTransit,
			Items: []Item{line(earbuds, 1), line(cable, 2)}, Total: 11597,
			OrderDate: "2024-11-15", ShippingAddress: sarahsAddress, EstimatedDelivery: "2024-11-20",
			Tracking: &Tracking{Carrier: "FastShip Express", Number: "FS8945612378945", Events: []TrackingEvent{
				{"2024-11-16 08:30", "Chicago, IL", "Package picked up"},
				{"2024-11-16 14:20", "Chicago Distribution Center", "In transit to destination"},
				{"2024-11-17 09:45", "Indianapolis, IN", "Arrived at local facility"},
			}},
		},
		{
			ID: "ORD-91234", CustomerID: "CUST-8765", Status: StatusProcessing,
			Items: []Item{line(keyboard, 1)}, Total: 14999,
			OrderDate: "2024-11-18", EstimatedDelivery: "2024-11-22",
		},
		{
			ID: "ORD-70211", CustomerID: "CUST-9821", Status: StatusDelivered,
			Items: []Item{line(keyboard, 1), line(cable, 1)}, Total: 16298,
			OrderDate: "2024-10-28", ShippingAddress: sarahsAddress, EstimatedDelivery: "2024-11-02",
			Tracking: &Tracking{Carrier: "FastShip Express", Number: "FS8945610033417", Events: []TrackingEvent{
				{"2024-10-29 09:05", "Seattle, WA", "Package picked up"},
				{"2024-11-01 16:40", "Springfield, IL", "Delivered"},
			}},
		},
		{
			ID: "ORD-66050", CustomerID: "CUST-9821", Status: StatusCancelled,
			Items: []Item{line(tv, 1)}, Total: 54999,
			OrderDate: "2024-08-19", ShippingAddress: sarahsAddress,
		},
		{
			ID: "ORD-64317", CustomerID: "CUST-9821", Status: StatusReturned,
			Items: []Item{{Name: earbuds.Name, SKU: earbuds.SKU, Qty: 1, Price: earbuds.Price, Returned: 1}}, Total: 8999,
			OrderDate: "2024-07-05", ShippingAddress: sarahsAddress, EstimatedDelivery: "2024-07-10",
			Returns: []Return{{
				ID: "RET-064317", OrderID: "ORD-64317", Status: ReturnRefunded, Reason: ReasonDefective,
				ItemsAccepted: []string{earbuds.Name}, Quantities: []int{1},
				LabelURL:     "https://returns.example.com/label/RET-064317.pdf",
				Instructions: dropOffInstructions,
				RefundAmount: 8999, RefundMethod: refundMethod, RefundTimeline: refundTimeline,
			}},
		},
		{
			ID: "ORD-88410", CustomerID: "CUST-8765", Status: StatusShipped,
			Items: []Item{line(tv, 1), line(cable, 3)}, Total: 58896,
			OrderDate: "2024-11-17", ShippingAddress: jamesAddress, EstimatedDelivery: "2024-11-23",
			Tracking: &Tracking{Carrier: "Lone Star Freight", Number: "LS004417", Events: []TrackingEvent{
				{"2024-11-19 07:15", "Chicago, IL", "Package picked up"},
			}},
		},
		{
			// With a discount: the items alone cost 115.97.
			ID: "ORD-73055", CustomerID: "CUST-8765", Status: StatusDelivered,
			Items: []Item{line(earbuds, 1), line(cable, 2)}, Total: 10000,
			OrderDate: "2024-10-08", ShippingAddress: jamesAddress, EstimatedDelivery: "2024-10-12",
			Tracking: &Tracking{Carrier: "Lone Star Freight", Number: "LS003902", Events: []TrackingEvent{
				{"2024-10-09 08:40", "Dallas, TX", "Package picked up"},
				{"2024-10-11 11:05", "Dallas, TX", "Delivered"},
			}},
		},
		{
			ID: "ORD-81177", CustomerID: "CUST-7310", Status: StatusDelivered,
			Items: []Item{line(earbuds, 2)}, Total: 17998,
			OrderDate: "2024-11-01", ShippingAddress: mariasAddress, EstimatedDelivery: "2024-11-06",
			Tracking: &Tracking{Carrier: "FastShip Express", Number: "FS8945611200781", Events: []TrackingEvent{
				{"2024-11-02 10:00", "Los Angeles, CA", "Package picked up"},
				{"2024-11-05 13:25", "Seattle, WA", "Delivered"},
			}},
		},
	}
}

func referenceProfiles() []Profile {
	return []Profile{
		{
			CustomerID: "CUST-9821", Email: "sarah.johnson@example.com", Name: "Sarah Johnson", MemberSince: "2022-03-15",
			Tier: "Gold", TotalOrders: 23, TotalSpent: 284750, Address: sarahsAddress, Phone: "+1-555-0123",
		},
		{
			CustomerID: "CUST-8765", Email: "james.miller@example.com", Name: "James Miller", MemberSince: "2023-09-02",
			Tier: "Silver", TotalOrders: 8, TotalSpent: 121340, Address: jamesAddress, Phone: "+1-555-0144",
		},
		{
			CustomerID: "CUST-7310", Email: "maria.garcia@example.com", Name: "Maria Garcia", MemberSince: "2024-10-30",
			Tier: "Standard", TotalOrders: 1, TotalSpent: 17998, Address: mariasAddress, Phone: "+1-555-0178",
		},
	}
}

func referenceStock() []Stock {
	return []Stock{
		{
			SKU: "WEP-2024", UPC: "850012345017", Name: "Wireless Earbuds Pro", Available: true, Quantity: 47,
			Warehouses:    []Warehouse{{chicago, 25, "1-2 days"}, {dallas, 15, "2-3 days"}, {losAngeles, 7, "1-2 days"}},
			DeliveryRange: "2-4 business days",
		},
		{
			SKU: "MKR-104", UPC: "850012345024", Name: "Mechanical Keyboard RGB", Available: true, Quantity: 12,
			Warehouses:    []Warehouse{{chicago, 8, "1-2 days"}, {seattle, 4, "2-3 days"}},
			DeliveryRange: "3-5 business days",
		},
		{
			SKU: "UHD-4K-55", UPC: "850012345031", Name: "55-inch 4K Smart TV", Available: true, Quantity: 3,
			Warehouses:    []Warehouse{{chicago, 3, "3-5 days"}},
			DeliveryRange: "4-6 business days",
		},
		{
			SKU: "UCC-2M", UPC: "850012345048", Name: "USB-C Charging Cable", Available: true, Quantity: 210,
			Warehouses:    []Warehouse{{dallas, 120, "1-2 days"}, {chicago, 90, "1-2 days"}},
			DeliveryRange: "2-4 business days",
		},
	}
}

func referenceProducts() []Product {
	small := ShippingCosts{Standard: 499, Express: 1299, NextDay: 2499}
	methods := []string{"Standard (5-7 days)", "Express (2-3 days)", "Next Day"}
	return []Product{
		{
			SKU: "WEP-2024", UPC: "850012345017", Name: "Wireless Earbuds Pro", Price: 8999,
			Description: "Premium wireless earbuds with active noise cancellation, 30-hour battery life",
			Specs: map[string]string{
				"battery_life":       "30 hours total (8 hours per charge + 22 hours case)",
				"connectivity":       "Bluetooth 5.2",
				"water_resistance":   "IPX5",
				"noise_cancellation": "Active ANC with transparency mode",
				"warranty":           "2 years manufacturer warranty",
			},
			Warranty: Warranty{"2-year limited warranty", "Manufacturing defects and malfunctions", "Contact support for warranty claims"},
			Shipping: Shipping{methods, small, 7500},
		},
		{
			SKU: "MKR-104", UPC: "850012345024", Name: "Mechanical Keyboard RGB", Price: 14999,
			Description: "Full-size mechanical keyboard with hot-swappable switches and lighting per key",
			Specs: map[string]string{
				"layout":       "104 keys, US",
				"switches":     "Linear, hot-swappable",
				"connectivity": "USB-C, Bluetooth 5.1",
				"backlight":    "RGB per key",
			},
			Warranty: Warranty{"3-year limited warranty", "Switches, electronics and keycaps", "Contact support for warranty claims"},
			Shipping: Shipping{methods, small, 7500},
		},
		{
			SKU: "UHD-4K-55", UPC: "850012345031", Name: "55-inch 4K Smart TV", Price: 54999,
			Description: "55-inch 4K television with HDR and a voice remote",
			Specs: map[string]string{
				"screen":     "55 inches, LED",
				"resolution": "3840 x 2160",
				"hdr":        "HDR10+",
				"ports":      "3 HDMI, 2 USB",
			},
			Warranty: Warranty{"1-year limited warranty", "Panel and electronics", "Contact support to arrange a visit at home"},
			Shipping: Shipping{
				[]string{"Freight (4-6 days)", "Express freight (2-3 days)", "Next Day"},
				ShippingCosts{Standard: 2999, Express: 7999, NextDay: 12999}, 50000,
			},
		},
		{
			SKU: "UCC-2M", UPC: "850012345048", Name: "USB-C Charging Cable", Price: 1299,
			Description: "Braided USB-C cable of 2 meters for charging at up to 100 W",
			Specs: map[string]string{
				"length":    "2 m",
				"power":     "Up to 100 W",
				"data_rate": "480 Mbit/s",
			},
			Warranty: Warranty{"1-year limited warranty", "Manufacturing defects", "Contact support for a replacement"},
			Shipping: Shipping{methods, small, 7500},
		},
	}
}
