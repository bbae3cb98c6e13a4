package ecommerce

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// A ToolsOption configures [Tools].
type ToolsOption func(*options)

type options struct {
	approves bool
	over     Money
}

// ApproveOver makes each return wait for a person's approval if the order's refunds, this one
// and those of its earlier returns, sum to more than amount. They are computed from the
// Backend's order by the rules of [DecideReturn], when the model makes the call and again right
// before the return: the second of two returns in one response is refused if it needs approval
// because of the first, and needs approval if the model makes the call again. If a call that is
// repeated after a crash or a lost reply needs approval, it stays in doubt, as its return may
// have been made. If the Backend fails, the call needs approval.
//
// Two sessions that return parts of one order at the same moment are not seen by each other, and
// a return that DecideReturn refuses needs no approval. A Backend that must exclude the former,
// or has other rules, checks the refunds in its own transaction: [funcall.CallInfo].Approved says
// whether a person approved the call.
//
// A rule that [funcall.RequireApproval] sets on the tool replaces the first check only: the second
// one still refuses what is over amount and not approved.
func ApproveOver(amount Money) ToolsOption {
	return func(o *options) { o.approves, o.over = true, amount }
}

// approvalRule returns why a call needs approval, or "" if it needs none. A return that the tool
// will refuse needs none.
func (s service) approvalRule(ctx context.Context, as Viewer, req ReturnRequest) (string, error) {
	why, err := s.approvalReason(ctx, as, req)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return why, err
}

// checkApproval returns an error if a return needs approval that it did not need when the model
// made the call: another return of the order came between.
func (s service) checkApproval(ctx context.Context, as Viewer, call funcall.CallInfo, req ReturnRequest) error {
	if !s.approves || call.Approved {
		return nil
	}
	why, err := s.approvalReason(ctx, as, req)
	if err == nil && why == "" {
		return nil
	}
	repeated := call.Attempt > 1 || call.Retry > 0 || call.Key != transcript.Key(call.Session, call.Ref)
	switch {
	case repeated && err != nil:
		return funcall.InDoubt(fmt.Errorf("the return was not repeated, as its approval cannot be checked: %v", err))
	case repeated:
		return funcall.InDoubt(fmt.Errorf("the return was not repeated, as it would need approval: %s", why))
	case errors.Is(err, ErrNotFound):
		return orderNotFound(req.OrderID)
	case err != nil:
		return err
	}
	return &Refusal{
		Message: "A person has to approve this return: " + why + ". Nothing was returned by this call; make it again, and a person decides.",
		OrderID: req.OrderID,
	}
}

// approvalReason returns why a return of an order that the viewer may see needs approval, or "".
func (s service) approvalReason(ctx context.Context, as Viewer, req ReturnRequest) (string, error) {
	o, err := found(s.b.Order(ctx, as, req.OrderID))
	switch {
	case err != nil:
		return "", err
	case !as.Sees(o.CustomerID):
		return "", ErrNotFound
	case o.ID != req.OrderID:
		return "", fmt.Errorf("the backend returned order %s for %s: return the order with the requested ID", short(o.ID), short(req.OrderID))
	}
	r, _, err := DecideReturn(*o, req, 0, time.Time{})
	if _, refused := errors.AsType[*Refusal](err); refused {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	b, err := billOf(*o)
	if err != nil {
		return "", err
	}
	before := max(b.refunded, b.share(0, b.returned)) // the order may not have all of its returns
	sum := before + r.RefundAmount
	switch {
	case sum <= s.over:
		return "", nil
	case before == 0:
		return fmt.Sprintf("the refund of %v for %s is over %v", r.RefundAmount, req.OrderID, s.over), nil
	}
	return fmt.Sprintf("the refund of %v for %s makes %v with the %v refunded before, which is over %v",
		r.RefundAmount, req.OrderID, sum, before, s.over), nil
}
