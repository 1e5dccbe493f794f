package app

import "github.com/bottega-retail/bottega/sdk"

// Settings are what the retailer decides about stock.
type Settings struct {
	ReservationDays        int64 `json:"reservation_days" title:"Days reserved" doc:"How long goods are kept for a customer if nobody says otherwise: to the end of so many days after today." min:"0" max:"365"`
	LongestReservationDays int64 `json:"longest_reservation_days" title:"Days reserved at most" doc:"Nobody can reserve or extend for longer." min:"0" max:"365"`
}

var settings = sdk.Settings[Settings]{Default: Settings{ReservationDays: 2, LongestReservationDays: 60}}
