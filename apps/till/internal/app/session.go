package app

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// maxCash bounds what is counted, so that sums cannot overflow.
const maxCash = 1 << 53

func openSession(tx *sdk.Tx, in till.OpenSessionIn) (till.Session, error) {
	if err := identity(in.Store, in.Till, in.Cashier); err != nil {
		return till.Session{}, err
	}
	if in.Float < 0 || in.Float > maxCash {
		return till.Session{}, sdk.Invalid("/float", "float", "A float is not below zero.")
	}
	store, err := catalog.GetStore.Call(tx, catalog.GetStoreIn{ID: in.Store})
	if err != nil {
		return till.Session{}, moved(err, "/id", "/store")
	}
	state := stateOf(tx, in.Store, in.Till)
	if state.Session != "" {
		return till.Session{}, &sdk.Error{
			Code: sdk.CodeFailedPrecondition, Reason: "session_open", Pointer: "/till",
			Message: "This till has an open session.", Fields: []sdk.Field{sdk.Text("session", state.Session)},
		}
	}
	is := till.Session{
		ID: tx.NewID(), State: till.SessionOpen, Store: in.Store, Till: in.Till, Currency: store.Currency,
		Cashier: in.Cashier, Opened: tx.Now(), Float: in.Float,
	}
	s := session{ID: is.ID, Store: is.Store, Opened: is.Opened, Is: is, First: state.Last, Start: state.Running}
	state.Session = s.ID
	if err := series.Put(tx, state); err != nil {
		return till.Session{}, err
	}
	return s.soFar(&state), sessions.Insert(tx, s)
}

// soFar is an open session with what its till has written since it was opened.
func (s *session) soFar(state *tillState) till.Session {
	out := s.Is
	out.Documents, out.Tenders = state.Last-s.First+s.Offline, nil
	cash := s.Is.Float
	for _, m := range s.Is.Moves {
		cash += m.Amount
	}
	count := func(kind string) *till.SessionCount {
		return at(&out.Tenders, func(c till.SessionCount) int { return cmp.Compare(c.Type, kind) }, till.SessionCount{Type: kind})
	}
	count(till.Cash).Expected = cash
	for _, t := range tendersOf(state.Running, s.Is.Currency) {
		count(t.Type).Expected += t.Amount
	}
	for _, t := range tendersOf(s.Start, s.Is.Currency) {
		count(t.Type).Expected -= t.Amount
	}
	out.Tenders = slices.DeleteFunc(out.Tenders, func(c till.SessionCount) bool { return c.Expected == 0 && c.Type != till.Cash })
	return out
}

func tendersOf(totals []till.DayTotal, c retail.Currency) []till.DayTender {
	for _, t := range totals {
		if t.Currency == c {
			return t.Tenders
		}
	}
	return nil
}

// drawer is the cash that a session should hold.
func (s *session) drawer(state *tillState) retail.Money {
	for _, c := range s.soFar(state).Tenders {
		if c.Type == till.Cash {
			return c.Expected
		}
	}
	return 0
}

// enough checks that the drawer of a till can pay cash out. Without a session nobody knows
// what it holds.
func enough(r sdk.Reader, state *tillState, c retail.Currency, out retail.Money) error {
	if state.Session == "" || out <= 0 {
		return nil
	}
	s, ok := sessions.Get(r, sdk.K(state.Session))
	if !ok || s.Is.Currency != c {
		return nil
	}
	return s.enough(state, out)
}

func (s *session) enough(state *tillState, out retail.Money) error {
	left := s.drawer(state)
	if out <= left {
		return nil
	}
	return &sdk.Error{
		Code: sdk.CodeFailedPrecondition, Reason: "drawer_short",
		Message: "The drawer holds only " + left.Format(s.Is.Currency) + ".", Fields: []sdk.Field{sdk.Int("left", left)},
	}
}

// sessionFor is a session, and the till as it is now.
func sessionFor(r sdk.Reader, id string) (session, tillState, error) {
	s, ok := sessions.Get(r, sdk.K(id))
	if !ok {
		return s, tillState{}, &sdk.Error{Code: sdk.CodeNotFound, Reason: "session", Message: "There is no such session.", Pointer: "/session"}
	}
	if !reachOf(r).has(s.Store) {
		return session{}, tillState{}, otherStore("/session")
	}
	return s, stateOf(r, s.Store, s.Is.Till), nil
}

// openSessionFor is a session that goes on, for a cashier who changes it.
func openSessionFor(tx *sdk.Tx, id, cashier string) (session, tillState, error) {
	s, state, err := sessionFor(tx, id)
	switch {
	case err != nil:
		return s, state, err
	case s.Is.State != till.SessionOpen:
		return s, state, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "session_closed", Message: "The session is closed.", Pointer: "/session"}
	}
	return s, state, identity(s.Store, s.Is.Till, cashier)
}

func moveCash(tx *sdk.Tx, in till.MoveCashIn) (till.Session, error) {
	s, state, err := openSessionFor(tx, in.Session, in.Cashier)
	switch {
	case err != nil:
		return till.Session{}, err
	case in.Amount == 0 || in.Amount > maxCash || in.Amount < -maxCash:
		return till.Session{}, sdk.Invalid("/amount", "amount", "Say how much: below zero takes out.")
	case strings.TrimSpace(in.Reason) == "" || len(in.Reason) > 200:
		return till.Session{}, sdk.Invalid("/reason", "reason", "Say why, in at most 200 characters.")
	case len(s.Is.Moves) == till.MaxMoves:
		return till.Session{}, sdk.Fail(sdk.CodeTooLarge, "moves", "A session has at most "+strconv.Itoa(till.MaxMoves)+" moves of cash.")
	}
	if err := s.enough(&state, -in.Amount); err != nil {
		return till.Session{}, moved(err, "", "/amount")
	}
	s.Is.Moves = append(s.Is.Moves, till.CashMove{At: tx.Now(), Cashier: in.Cashier, Amount: in.Amount, Reason: in.Reason})
	return s.soFar(&state), sessions.Put(tx, s)
}

func closeSession(tx *sdk.Tx, in till.CloseSessionIn) (till.Session, error) {
	s, state, err := openSessionFor(tx, in.Session, in.Cashier)
	if err != nil {
		return till.Session{}, err
	}
	out := s.soFar(&state)
	if err := counted(&out, in.Counted); err != nil {
		return till.Session{}, err
	}
	out.State, out.ClosedBy, out.Closed = till.SessionClosed, in.Cashier, tx.Now()
	s.Is, s.Start = out, nil
	if err := sessions.Put(tx, s); err != nil {
		return till.Session{}, err
	}
	state.Session = ""
	if err := series.Put(tx, state); err != nil {
		return till.Session{}, err
	}
	return out, till.SessionEnded.Emit(tx, out)
}

// counted enters what was counted. What was not counted is as it should be.
func counted(s *till.Session, counts []till.Counted) error {
	for i := range s.Tenders {
		s.Tenders[i].Counted = s.Tenders[i].Expected
	}
	var done []string
	for i, c := range counts {
		pointer := "/counted/" + strconv.Itoa(i)
		if c.Type == "" || len(c.Type) > 64 || slices.Contains(done, c.Type) || len(counts) > till.MaxTenders {
			return sdk.Invalid(pointer+"/type", "counted", "Each tender is counted once.")
		}
		if c.Amount < 0 || c.Amount > maxCash {
			return sdk.Invalid(pointer+"/amount", "counted", "A count is not below zero.")
		}
		done = append(done, c.Type)
		t := at(&s.Tenders, func(t till.SessionCount) int { return cmp.Compare(t.Type, c.Type) }, till.SessionCount{Type: c.Type})
		t.Counted, t.Difference = c.Amount, c.Amount-t.Expected
	}
	if !slices.Contains(done, till.Cash) {
		return sdk.Invalid("/counted", "counted", "Count the cash.")
	}
	return nil
}

func getSession(v *sdk.View, in till.SessionID) (till.Session, error) {
	s, state, err := sessionFor(v, in.Session)
	if err != nil || s.Is.State == till.SessionClosed {
		return s.Is, err
	}
	return s.soFar(&state), nil
}

func listSessions(v *sdk.View, in till.SessionsIn) (out till.SessionsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	if in.Store == "" {
		return out, sdk.Invalid("/store", "store", "Sessions are listed by store.")
	}
	scan := sdk.Scan{Index: "by_store", Prefix: sdk.K(in.Store), Reverse: true, Limit: limit + 1}
	if in.Cursor != "" {
		text, id, _ := strings.Cut(in.Cursor, "/")
		opened, bad := strconv.ParseInt(text, 10, 64)
		if bad != nil || id == "" {
			return out, sdk.Invalid("/cursor", "cursor", "This is no cursor of this list.")
		}
		scan.To = sdk.KInt(opened).Text(id)
	}
	for s := range sessions.Scan(v, scan) {
		if len(out.Sessions) == limit {
			end := &out.Sessions[limit-1]
			out.Cursor = strconv.FormatInt(int64(end.Opened), 10) + "/" + end.ID
			break
		}
		if s.Is.State == till.SessionOpen {
			state := stateOf(v, s.Store, s.Is.Till)
			s.Is = s.soFar(&state)
		}
		out.Sessions = append(out.Sessions, s.Is)
	}
	return out, nil
}
