package waybill

// words are the texts of the paper in one language.
type words struct {
	title, law, number, date             string
	sender, recipient                    string
	vatNumber, taxCode, premises         string
	reason, departure, carrier, bySender string
	carriage, appearance                 string
	parcels, weight                      string
	sku, what, unit, quantity, pieces    string
	invoice                              string
	signSender, signCarrier              string
	signRecipient                        string
}

var italian = words{
	title: "DOCUMENTO DI TRASPORTO", law: "D.P.R. 14 agosto 1996, n. 472", number: "N.", date: "Data",
	sender: "Mittente", recipient: "Destinatario",
	vatNumber: "P.IVA", taxCode: "C.F.", premises: "Sede",
	reason: "Causale del trasporto", departure: "Inizio del trasporto", carrier: "Vettore", bySender: "a cura del mittente",
	carriage: "Porto", appearance: "Aspetto dei beni",
	parcels: "Colli", weight: "Peso",
	sku: "Articolo", what: "Descrizione", unit: "U.M.", quantity: "Quantità", pieces: "pz",
	invoice:    "Cessione tra soggetti diversi: segue fattura.",
	signSender: "Firma del mittente", signCarrier: "Firma del vettore", signRecipient: "Firma del destinatario",
}

var english = words{
	title: "TRANSPORT DOCUMENT", law: "DDT, D.P.R. 14 August 1996, no. 472", number: "No.", date: "Date",
	sender: "Sender", recipient: "Recipient",
	vatNumber: "VAT no.", taxCode: "Tax code", premises: "Premises",
	reason: "Cause of transport", departure: "Departure", carrier: "Carrier", bySender: "the sender",
	carriage: "Carriage", appearance: "Appearance of the goods",
	parcels: "Parcels", weight: "Weight",
	sku: "Item", what: "Description", unit: "Unit", quantity: "Quantity", pieces: "pcs",
	invoice:    "Goods change their owner: an invoice follows.",
	signSender: "Sender's signature", signCarrier: "Carrier's signature", signRecipient: "Recipient's signature",
}
