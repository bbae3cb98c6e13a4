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
// Backend's order, when the model makes the call and again right before the return: the second
// of two returns in one response is refused if it needs approval because of the first, and
// needs approval if the model makes the call again. If the Backend fails, the call needs
// approval.
//
// Two sessions that return parts of one order at the same moment are not seen by each other. A
// Backend that must exclude that checks the refunds in its own transaction.
func ApproveOver(amount Money) ToolsOption {
	return func(o *options) { o.approves, o.over = true, amount }
}

// approvalReason returns why a return needs approval, or "" if it needs none. A return that the
// tool will refuse needs none.
func (s service) approvalReason(ctx context.Context, as Viewer, req ReturnRequest) (string, error) {
	o, err := found(s.b.Order(ctx, as, req.OrderID))
	if errors.Is(err, ErrNotFound) || err == nil && !as.Sees(o.CustomerID) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	r, after, err := DecideReturn(*o, req, 0, time.Time{})
	if _, refused := errors.AsType[*Refusal](err); refused {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	b, err := billOf(after)
	switch {
	case err != nil || b.refunded <= s.over:
		return "", err
	case b.refunded == r.RefundAmount:
		return fmt.Sprintf("the refund of %v for %s is over %v", r.RefundAmount, req.OrderID, s.over), nil
	}
	return fmt.Sprintf("the refund of %v for %s makes %v with the %v refunded before, which is over %v",
		r.RefundAmount, req.OrderID, b.refunded, b.refunded-r.RefundAmount, s.over), nil
}

// checkApproval returns a Refusal if a return needs approval that it did not need when the model
// made the call: another return of the order came between. A repetition of a call is not checked:
// the order may have its return already.
func (s service) checkApproval(ctx context.Context, as Viewer, call funcall.CallInfo, req ReturnRequest) error {
	repeated := call.Attempt > 1 || call.Retry > 0 || call.Key != transcript.Key(call.Session, call.Ref)
	if !s.approves || call.Approved || repeated {
		return nil
	}
	why, err := s.approvalReason(ctx, as, req)
	if err != nil || why == "" {
		return err
	}
	return &Refusal{
		Message: "A person has to approve this return: " + why + ". Nothing was returned by this call; make it again, and a person decides.",
		OrderID: req.OrderID,
	}
}
