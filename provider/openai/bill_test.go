package openai_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// TestCost has the costs that servers report, in both APIs.
func TestCost(t *testing.T) {
	for name, c := range map[string]struct{ usage, want string }{
		"nothing said":                       {`"x":1`, ""},
		"no usage":                           {"", ""},
		"OpenRouter":                         {`"cost":0.0003287,"is_byok":false,"cost_details":{"upstream_inference_cost":0.0003287}`, "$0.0003287"},
		"OpenRouter, with an exponent":       {`"cost":8.6e-05`, "$0.000086"},
		"nothing to pay":                     {`"cost":0`, "$0.00"},
		"the account's own key":              {`"cost":0.00005,"is_byok":true,"cost_details":{"upstream_inference_cost":0.001}`, "$0.00105"},
		"the account's own key (Vercel)":     {`"cost":0,"market_cost":0.0036,"is_byok":true,"cost_details":{"upstream_inference_cost":null}`, "$0.0036"},
		"the account's own key, no more":     {`"cost":0,"is_byok":true`, ""},
		"Vercel":                             {`"cost":0.003576,"market_cost":0.004,"is_byok":false`, "$0.003576"},
		"xAI":                                {`"cost_in_usd_ticks":3530501`, "$0.0003530501"},
		"Perplexity":                         {`"cost":{"input_tokens_cost":0.001,"request_cost":0.005,"total_cost":0.006}`, "$0.006"},
		"one of two amounts is null":         {`"cost":0.5,"cost_in_usd_ticks":null`, "$0.50"},
		"null":                               {`"cost":null,"is_byok":null,"cost_details":null`, ""},
		"a text":                             {`"cost":"0.01"`, ""},
		"less than nothing":                  {`"cost":-1`, ""},
		"more than there is":                 {`"cost":1e300`, ""},
		"more than a number can be":          {`"cost":1e999`, ""},
		"less than a millionth of millionth": {`"cost":0.0000000000004`, "$0.00"},
	} {
		usage := ""
		if c.usage != "" {
			usage = `,"usage":{` + c.usage + `}`
		}
		for api, p := range map[string]provider.Provider{
			"Chat Completions": openai.New("m", openai.HTTPClient(adaptertest.Replay("application/json", `{"choices":[{"message":{"content":"hi"}}]`+usage+`}`))),
			"Responses":        openai.NewResponses("m", openai.HTTPClient(adaptertest.Replay("application/json", `{"status":"completed","output":[]`+usage+`}`))),
		} {
			for range adaptertest.Layouts {
				resp, err := p.Generate(t.Context(), question, nil)
				if err != nil {
					t.Fatal(err)
				}
				got := ""
				if resp.Cost != nil {
					got = resp.Cost.String()
				}
				if got != c.want {
					t.Errorf("%s, %s: got %q, want %q", api, name, got, c.want)
				}
			}
		}
	}
}

// Of several costs the last counts. A usage that says none keeps it.
func TestCostOfTheLastUsage(t *testing.T) {
	const first, last = `data: {"usage":{"prompt_tokens":5,"cost":2}}` + "\n\n", `data: {"usage":{"prompt_tokens":5,"cost":1}}` + "\n\n"
	for name, none := range map[string]string{
		"null":                   `{"choices":[],"usage":null}`,
		"empty":                  `{"choices":[],"usage":{}}`,
		"amounts of null":        `{"usage":{"prompt_tokens":5,"cost":null,"cost_in_usd_ticks":null,"is_byok":null}}`,
		"counts alone":           `{"usage":{"prompt_tokens":5}}`,
		"counts alone, a choice": `{"choices":[{"delta":{},"usage":{"prompt_tokens":5}}]}`,
	} {
		asked := client(t, says(200, "text/event-stream", hello+stopped+first+last+"data: "+none+"\n\n"+done))
		for range adaptertest.Layouts {
			resp, err := asked.Generate(t.Context(), question, func(provider.Delta) {})
			if err != nil || resp.Cost == nil || *resp.Cost != provider.Dollar || resp.Usage.Input != 5 {
				t.Errorf("%s: %+v, %v", name, resp, err)
			}
		}
	}
}

// In the Responses API, too, a response that says less keeps what one before said.
func TestResponsesUsageIsKept(t *testing.T) {
	progress := sse(`{"type":"response.in_progress","response":{"status":"in_progress","usage":{"input_tokens":5,"output_tokens":2,"cost":1,"input_tokens_details":{"cached_tokens":3,"cache_write_tokens":1},"output_tokens_details":{"reasoning_tokens":1}}}}`)
	for _, usage := range []string{`{}`, `null`, `{"input_tokens":null,"output_tokens":null,"cost":null,"input_tokens_details":{"cached_tokens":null},"output_tokens_details":null}`} {
		body := progress + sse(`{"type":"response.completed","response":{"status":"completed","output":[],"usage":`+usage+`}}`)
		resp, err := openai.NewResponses("m", replay("text/event-stream", body)).Generate(t.Context(), question, nil)
		want := provider.Usage{Input: 5, Output: 2, CacheRead: 3, CacheWrite: 1, Reasoning: 1}
		if err != nil || resp.Usage != want || resp.Cost == nil || *resp.Cost != provider.Dollar {
			t.Errorf("%s: %+v, %v", usage, resp, err)
		}
	}
}
