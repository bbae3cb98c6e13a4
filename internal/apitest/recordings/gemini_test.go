package recordings

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
)

const geminiFile = "gemini.jsonl.gz"

func dialGemini(_ exchange, address string) provider.Provider {
	return gemini.New("gemini-test", gemini.BaseURL(address+"/v1beta"))
}

// inPieces reports whether the arguments of calls come in pieces, so that they
// have no exact text.
func inPieces(e exchange) bool { return strings.Contains(e.Body, "partialArgs") }

func TestGemini(t *testing.T) {
	var whole []exchange
	for _, e := range load(t, geminiFile) {
		if !inPieces(e) {
			whole = append(whole, e)
		}
	}
	replay(t, whole, dialGemini, func(t *testing.T, e exchange) answer {
		a := readGemini(t, e)
		checkExpected(t, e, a)
		return a
	}, nil)
}

// TestGeminiPieces compares answers whose calls come in pieces, in each layout,
// with the arguments as values.
func TestGeminiPieces(t *testing.T) {
	n := 0
	for _, e := range load(t, geminiFile) {
		if !inPieces(e) {
			continue
		}
		n++
		t.Run(e.ID, func(t *testing.T) {
			want := readGemini(t, e)
			for layout, body := range adaptertest.InLayouts(e.Body) {
				e.Body = body
				p := dialGemini(e, adaptertest.Serve(t, says(e)))
				for _, streamed := range []bool{false, true} {
					_, got := ask(t, p, streamed)
					for i, c := range got.Calls {
						raw, err := json.Marshal(value(c.Args))
						if err != nil {
							t.Fatal(err)
						}
						got.Calls[i].Args = string(raw)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s, streamed %v: the adapter differs (-want +got):\n%s", layout, streamed, diff)
					}
				}
			}
		})
	}
	if n == 0 {
		t.Error("no recorded call comes in pieces")
	}
}

// A geminiReply is a document, or a chunk of a stream.
type geminiReply struct {
	Candidates []struct {
		FinishReason string
		Content      struct{ Parts []geminiPart }
	}
	PromptFeedback struct{ BlockReason string }
	UsageMetadata  map[string]any
	Error          *struct{ Status, Message string }
}

type geminiPart struct {
	Text         string
	Thought      bool
	FunctionCall *struct {
		ID, Name     string
		Args         json.RawMessage
		WillContinue bool
		PartialArgs  []map[string]any
	}
}

// compact is JSON without white space.
func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	_ = json.Compact(&b, raw) // what is no JSON is nothing
	return b.String()
}

// readGemini reads a reply as the API's reference describes it.
func readGemini(t *testing.T, e exchange) answer {
	t.Helper()
	var a answer
	usage := map[string]int64{}
	finish, blocked := "", false
	var pieces map[string]any // the arguments of the last call, which go on
	for _, doc := range documents(e) {
		var r geminiReply
		if err := json.Unmarshal(doc, &r); err != nil {
			t.Fatal(err)
		}
		if r.Error != nil {
			if strings.HasPrefix(r.Error.Message, "Cannot fetch content from the provided URL.") {
				return answer{Error: provider.KindInvalidMedia}
			}
			return answer{Error: map[string]provider.ErrorKind{"INVALID_ARGUMENT": provider.KindInvalidRequest, "RESOURCE_EXHAUSTED": provider.KindRateLimited}[r.Error.Status]}
		}
		blocked = blocked || r.PromptFeedback.BlockReason != ""
		for name, v := range r.UsageMetadata {
			if n, ok := v.(float64); ok {
				usage[name] = int64(n)
			}
		}
		if len(r.Candidates) == 0 {
			continue
		}
		finish = r.Candidates[0].FinishReason
		for _, p := range r.Candidates[0].Content.Parts {
			c := p.FunctionCall
			switch {
			case c == nil && !p.Thought:
				a.Text += p.Text
			case c == nil:
			case c.Name != "":
				a.Calls = append(a.Calls, call{c.ID, c.Name, compact(c.Args)})
				if c.WillContinue {
					pieces = map[string]any{}
				}
			case c.WillContinue:
				for _, arg := range c.PartialArgs {
					put(pieces, arg)
				}
			default:
				raw, err := json.Marshal(fixed(pieces))
				if err != nil {
					t.Fatal(err)
				}
				a.Calls[len(a.Calls)-1].Args = string(raw)
			}
		}
	}
	if blocked && finish == "" {
		return answer{Error: provider.KindFiltered}
	}
	// A call of a tool that there is not is a call: the agent answers it.
	a.Finish = map[string]provider.FinishReason{"STOP": provider.FinishStop, "UNEXPECTED_TOOL_CALL": provider.FinishStop, "MAX_TOKENS": provider.FinishLength}[finish]
	if a.Finish == provider.FinishStop && len(a.Calls) > 0 {
		a.Finish = provider.FinishToolCalls
	}
	a.Usage = provider.Usage{
		Input:     usage["promptTokenCount"] + usage["toolUsePromptTokenCount"],
		CacheRead: usage["cachedContentTokenCount"],
		Output:    usage["candidatesTokenCount"] + usage["thoughtsTokenCount"],
		Reasoning: usage["thoughtsTokenCount"],
	}
	return a
}

var steps = regexp.MustCompile(`\w+`)

// put puts a piece of arguments in its place. Arrays are maps here until fixed.
func put(into map[string]any, arg map[string]any) {
	path := steps.FindAllString(arg["jsonPath"].(string), -1)
	for _, name := range path[:len(path)-1] {
		next, ok := into[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			into[name] = next
		}
		into = next
	}
	last := path[len(path)-1]
	for _, kind := range []string{"numberValue", "boolValue", "nullValue"} {
		if v, ok := arg[kind]; ok {
			into[last] = v
		}
	}
	if text, ok := arg["stringValue"].(string); ok {
		before, _ := into[last].(string)
		into[last] = before + text
	}
}

// fixed turns the maps whose keys are indexes into arrays.
func fixed(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	list := make([]any, len(m))
	for name, part := range m {
		m[name] = fixed(part)
		if i, err := strconv.Atoi(name); err == nil && i < len(list) {
			list[i] = m[name]
		} else {
			list = nil
		}
	}
	if len(list) > 0 {
		return list
	}
	return m
}

// checkExpected compares the plain reader with the one whose findings were
// recorded. That one has the blocked prompt as an empty answer.
func checkExpected(t *testing.T, e exchange, a answer) {
	t.Helper()
	var want struct {
		Text      string
		ToolCalls []struct {
			ID, Name  string
			Arguments json.RawMessage
		} `json:"tool_calls"`
		Usage struct {
			Prompt     int64 `json:"prompt_tokens"`
			Completion int64 `json:"completion_tokens"`
		}
		Error *struct{}
	}
	if err := json.Unmarshal(e.Expect, &want); err != nil {
		t.Fatal(err)
	}
	if want.Text != a.Text || len(want.ToolCalls) != len(a.Calls) || want.Usage.Prompt != a.Usage.Input || want.Usage.Completion != a.Usage.Output || want.Error != nil && a.Error == "" {
		t.Errorf("the plain reader has %+v, and %s was recorded", a, e.Expect)
		return
	}
	for i, c := range want.ToolCalls {
		var args string
		if err := json.Unmarshal(c.Arguments, &args); err != nil {
			t.Fatal(err)
		}
		if got := a.Calls[i]; c.ID != got.ID || c.Name != got.Name || !cmp.Equal(value(args), value(got.Args)) {
			t.Errorf("call %d is %+v, and %+v was recorded", i, got, c)
		}
	}
}

// TestGeminiSentBack sends each answer back and compares it with the reply that it
// was made of, part by part. Texts that follow each other are joined, thoughts
// and texts without a word are left out, unless they are signed. The strict server
// takes the request.
func TestGeminiSentBack(t *testing.T) {
	for _, e := range load(t, geminiFile) {
		if e.Status != http.StatusOK || readGemini(t, e).Error != "" || inPieces(e) {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			var want []any
			joins := false
			for _, doc := range documents(e) {
				var r struct {
					Candidates []struct {
						Content struct{ Parts []map[string]any }
					}
				}
				decode(t, doc, &r)
				for _, p := range r.Candidates[0].Content.Parts {
					text, isText := p["text"].(string)
					signed := p["thoughtSignature"] != nil
					if isText && !signed && (text == "" || p["thought"] == true) {
						continue
					}
					if isText && !signed && joins {
						last := want[len(want)-1].(map[string]any)
						last["text"] = last["text"].(string) + text
						continue
					}
					joins = isText && !signed
					want = append(want, p)
				}
			}
			var got []any
			request := sendBack(t, e, dialGemini, false)
			for _, c := range request["contents"].([]any) {
				if c := c.(map[string]any); c["role"] == "model" {
					got = append(got, c["parts"].([]any)...)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the answer goes back changed (-reply +request):\n%s", diff)
			}
			for _, p := range got { // the strict server knows no other signature
				if p := p.(map[string]any); p["functionCall"] != nil {
					p["thoughtSignature"] = "skip_thought_signature_validator"
				}
			}
			body, err := json.Marshal(request)
			if err != nil {
				t.Fatal(err)
			}
			path := httptest.NewRequest(http.MethodPost, "/v1beta/models/gemini-test:generateContent", nil)
			if err := geminiserver.New().Check(path, body); err != nil {
				t.Errorf("the strict server refuses the request: %v", err)
			}
		})
	}
}
