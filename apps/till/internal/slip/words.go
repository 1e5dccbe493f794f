package slip

import "github.com/bottega-retail/bottega/apps/till"

// words are the texts of a paper in one language. The Italian ones of totals and tenders
// are those of the documento commerciale (Agenzia delle Entrate, provvedimento 182017 of
// 28 October 2016 and its annexes), so that paper and fiscal document read alike.
type words struct {
	vatNumber, taxCode, customerCode   string
	notFiscal, copyOf, device          string
	fiscalClose                        string
	document, till, cashier            string
	of, reason                         string
	item, vatWord, amountWord, on      string
	discount, card, advance            string
	total, included, change            string
	paid, refunded                     string
	rounding, alreadyTaxed             string
	terms                              string
	gift, giftNote                     string
	close, interim, by, numbers, count string
	discounts, documents, departments  string
	tendersWord, noDepartment          string
	nothing, offline                   string
	kinds                              map[till.Kind]string
	headings                           map[till.Kind]string
	tenders                            map[string]string
}

var italian = words{
	vatNumber: "P.IVA", taxCode: "C.F.", customerCode: "C.F./P.IVA cliente",
	notFiscal: "DOCUMENTO NON FISCALE", copyOf: "COPIA DEL DOCUMENTO COMMERCIALE N.", device: "RT", fiscalClose: "COPIA DELLA CHIUSURA FISCALE N.",
	document: "Documento", till: "Cassa", cashier: "Operatore",
	of: "Del documento", reason: "Motivo",
	item: "Descrizione", vatWord: "IVA", amountWord: "Prezzo", on: "su",
	discount: "Sconto", card: "Carta", advance: "ACCONTO",
	total: "TOTALE COMPLESSIVO", included: "di cui IVA", paid: "Importo pagato", refunded: "Importo rimborsato", change: "Resto",
	rounding: "Arrotondamento", alreadyTaxed: "di cui già assolta:",
	terms: "Cambi e resi",
	gift:  "SCONTRINO DI CORTESIA", giftNote: "Per un cambio o un buono di reso basta questo foglio.",
	close: "CHIUSURA DI CASSA", interim: "LETTURA DI CASSA (X)", by: "Chiusa da", numbers: "Documenti dal n.", count: "Numero di documenti",
	discounts: "Sconti", documents: "Documenti", departments: "Reparti", tendersWord: "Pagamenti", noDepartment: "senza reparto",
	nothing: "Niente dall'ultima chiusura.", offline: "Più quelli a cassa scollegata",
	kinds:    map[till.Kind]string{till.Sale: "Vendite", till.Refund: "Resi", till.Annul: "Annulli", till.Historic: "Importati", till.Advance: "Depositi"},
	headings: map[till.Kind]string{till.Sale: "VENDITA", till.Refund: "RESO MERCE", till.Annul: "ANNULLO", till.Historic: "VENDITA", till.Advance: "DEPOSITO"},
	tenders: map[string]string{
		till.Cash: "Pagamento contante", till.Card: "Pagamento elettronico", till.Traded: "Cambio merce", till.Prepaid: "Deposito versato",
		"gift_card": "Carta regalo", "voucher": "Buono", till.ReturnVoucher: "Buono di reso", "store_credit": "Credito del negozio",
		"meal_voucher": "Buono pasto", "points": "Punti", "unknown": "Non noto",
	},
}

var english = words{
	vatNumber: "VAT no.", taxCode: "Tax code", customerCode: "Customer's tax code",
	notFiscal: "NOT A FISCAL DOCUMENT", copyOf: "COPY OF FISCAL DOCUMENT NO.", device: "Device", fiscalClose: "COPY OF FISCAL CLOSE NO.",
	document: "Document", till: "Till", cashier: "Cashier",
	of: "Of document", reason: "Reason",
	item: "Item", vatWord: "VAT", amountWord: "Price", on: "on",
	discount: "Discount", card: "Card", advance: "ADVANCE PAYMENT",
	total: "TOTAL", included: "VAT included", paid: "Paid", refunded: "Refunded", change: "Change",
	rounding: "Rounding", alreadyTaxed: "of which paid before:",
	terms: "Exchanges and returns",
	gift:  "GIFT RECEIPT", giftNote: "This slip is enough for an exchange or a return voucher.",
	close: "DAY CLOSE", interim: "INTERIM REPORT (X)", by: "Closed by", numbers: "Documents from no.", count: "Number of documents",
	discounts: "Discounts", documents: "Documents", departments: "Departments", tendersWord: "Tenders", noDepartment: "no department",
	nothing: "Nothing since the last close.", offline: "And of the till while cut off",
	kinds:    map[till.Kind]string{till.Sale: "Sales", till.Refund: "Returns", till.Annul: "Voids", till.Historic: "Imported", till.Advance: "Deposits"},
	headings: map[till.Kind]string{till.Sale: "SALE", till.Refund: "RETURN OF GOODS", till.Annul: "VOID", till.Historic: "SALE", till.Advance: "DEPOSIT"},
	tenders: map[string]string{
		till.Cash: "Cash", till.Card: "Card", till.Traded: "Exchange of goods", till.Prepaid: "Deposit paid",
		"gift_card": "Gift card", "voucher": "Voucher", till.ReturnVoucher: "Return voucher", "store_credit": "Store credit",
		"meal_voucher": "Meal voucher", "points": "Points", "unknown": "Not known",
	},
}
