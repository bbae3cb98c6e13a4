package gemini

import (
	"encoding/base64"

	"github.com/funcall/funcall/provider"
)

// An ending is the meaning of a finish reason: a response or an error.
type ending struct {
	finish provider.FinishReason
	kind   provider.ErrorKind // of the error, if the response is one
}

// unexpectedCall is the finish reason after a call of a tool that was not declared, or while
// calls are off. The response may contain the call.
const unexpectedCall = "UNEXPECTED_TOOL_CALL"

// endings are the API's finish reasons. A response with calls also has STOP. An unknown reason
// counts as a filter's.
var endings = map[string]ending{
	"STOP":                      {finish: provider.FinishStop},
	"":                          {finish: provider.FinishStop},
	"FINISH_REASON_UNSPECIFIED": {finish: provider.FinishStop},
	"FUNCTION_CALL":             {finish: provider.FinishStop}, // sent by compatible servers
	"MAX_TOKENS":                {finish: provider.FinishLength},
	"SAFETY":                    {finish: provider.FinishFiltered},
	"RECITATION":                {finish: provider.FinishFiltered},
	"LANGUAGE":                  {finish: provider.FinishFiltered},
	"BLOCKLIST":                 {finish: provider.FinishFiltered},
	"PROHIBITED_CONTENT":        {finish: provider.FinishFiltered},
	"SPII":                      {finish: provider.FinishFiltered},
	"IMAGE_SAFETY":              {finish: provider.FinishFiltered},
	"MALFORMED_FUNCTION_CALL":   {kind: provider.KindMalformed}, // the model wrote an invalid call
	unexpectedCall:              {kind: provider.KindMalformed},
	"TOO_MANY_TOOL_CALLS":       {kind: provider.KindMalformed},
	"MISSING_THOUGHT_SIGNATURE": {kind: provider.KindInvalidRequest},
}

// decodeBase64 decodes either alphabet, padded or not.
func decodeBase64(b []byte) (out []byte, err error) {
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if out, err = enc.DecodeString(string(b)); err == nil {
			return out, nil
		}
	}
	return nil, err
}
