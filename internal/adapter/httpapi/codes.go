package httpapi

import (
	"strings"

	"github.com/funcall/funcall/provider"
)

// A coded kind is that of failures with a word in their code or type.
type coded struct {
	word string // as bare returns it
	kind provider.ErrorKind
}

// bare removes from codes what servers write differently: InvalidApiKey,
// invalid_api_key, INVALID-API-KEY.
func bare(code string) string {
	return strings.ToLower(codePunctuation.Replace(code[:min(len(code), maxReasons)]))
}

var codePunctuation = strings.NewReplacer("_", "", "-", "")

// byCode sorts failures by what servers call them. The first word that occurs
// counts.
var byCode = []coded{
	// Media, ahead of the filters and lengths that words of theirs hold.
	{"invalidimage", provider.InvalidMedia}, // and …format, …url, …mode, …size
	{"invalidbase64image", provider.InvalidMedia},
	{"imageparseerror", provider.InvalidMedia},
	{"imagetoolarge", provider.InvalidMedia},
	{"imagetoosmall", provider.InvalidMedia},
	{"imagefiletoolarge", provider.InvalidMedia},
	{"imagefileexceeds", provider.InvalidMedia}, // Novita
	{"imageexceeds", provider.InvalidMedia},
	{"unsupportedimage", provider.InvalidMedia}, // …format, …media_type
	{"emptyimagefile", provider.InvalidMedia},
	{"failedtodownloadimage", provider.InvalidMedia},
	{"imagedownloadfailed", provider.InvalidMedia},
	{"imagefilenotfound", provider.InvalidMedia},
	{"imagenotfound", provider.InvalidMedia},
	{"invalidaudio", provider.InvalidMedia},
	{"unsupportedfile", provider.InvalidMedia},
	{"invalidparameter.datainspection", provider.InvalidMedia}, // DashScope: the media cannot be fetched to be inspected

	{"contextlength", provider.ContextTooLong},
	{"contextwindow", provider.ContextTooLong},
	{"exceedcontextsize", provider.ContextTooLong},
	{"tokenslimitreached", provider.ContextTooLong}, // GitHub Models
	{"maxprompttokens", provider.ContextTooLong},    // GitHub Copilot
	{"stringabovemaxlength", provider.ContextTooLong},
	{"stringtoolong", provider.ContextTooLong},
	{"requesttoolarge", provider.ContextTooLong},

	{"contentfilter", provider.Filtered},
	{"contentpolicy", provider.Filtered},
	{"moderation", provider.Filtered},
	{"datainspectionfailed", provider.Filtered}, // DashScope
	{"responsibleaipolicy", provider.Filtered},  // Azure
	{"safetycheck", provider.Filtered},
	{"illegalprompt", provider.Filtered}, // Novita
	{"illegalimage", provider.Filtered},
	{"censorshipblocked", provider.Filtered}, // StepFun

	{"throttling.allocationquota.freetieronly", provider.Quota}, // DashScope
	{"allocationquota.freetieronly", provider.Quota},
	{"insufficientquota", provider.Quota},
	{"insufficientbalance", provider.Quota},
	{"insufficientfunds", provider.Quota},
	{"exceededcurrentquota", provider.Quota}, // Moonshot
	{"billing", provider.Quota},
	{"credit", provider.Quota},
	{"spendlimit", provider.Quota},
	{"budgetexceeded", provider.Quota}, // LiteLLM
	{"usagelimitreached", provider.Quota},
	{"paymentrequired", provider.Quota},
	{"perday", provider.Quota},      // Google: a daily quota, gone for today
	{"arrearage", provider.Quota},   // DashScope
	{"billoverdue", provider.Quota}, // DashScope

	{"apikeyinvalid", provider.Auth}, // Google: with status 400
	{"accesstokenexpired", provider.Auth},
	{"invalidapikey", provider.Auth},
	{"incorrectapikey", provider.Auth},
	{"wrongapikey", provider.Auth},
	{"invalidauthentication", provider.Auth},
	{"accountdeactivated", provider.Auth},
	{"unsupportedcountry", provider.Auth},

	{"overload", provider.Overloaded},
	{"capacity", provider.Overloaded}, // Mistral
	{"queueexceeded", provider.Overloaded},
	{"slowdown", provider.Overloaded},

	{"toolusefailed", provider.Malformed},      // Groq: the model wrote an invalid call
	{"jsonvalidatefailed", provider.Malformed}, // Groq: the model wrote no JSON
	{"outputparsefailed", provider.Malformed},
	{"operationnotsupported", provider.Unsupported}, // Azure
}

// byRate is for codes that are also those of a quota that is used up, or of a request
// that no limit ever has room for: the message counts more.
var byRate = []coded{
	{"ratelimit", provider.RateLimited},
	{"toomanyrequests", provider.RateLimited},
	{"resourceexhausted", provider.RateLimited}, // Google
	{"throttl", provider.RateLimited},           // DashScope, Bedrock
}

// byCodeInBand is for errors that come without a status of their own.
var byCodeInBand = []coded{
	{"timeout", provider.Timeout},
	{"auth", provider.Auth},
	{"apikey", provider.Auth},
	{"permission", provider.Auth},
	{"invalidrequest", provider.InvalidRequest},
	{"notfound", provider.InvalidRequest},
	{"deadlineexceeded", provider.Timeout},
	{"invalidargument", provider.InvalidRequest},
	{"invalidparameter", provider.InvalidRequest},
	{"invalidprompt", provider.InvalidRequest},
	{"badrequest", provider.InvalidRequest},
	{"validation", provider.InvalidRequest}, // Text Generation Inference, Bedrock
}

// failing are the words in codes of servers whose filter or download fails, which says
// nothing of the content.
var failing = []string{"timeout", "unavailable", "ratelimit", "overload", "internal"}

// find returns the kind of the first word that occurs in codes that bare has returned,
// and counts with the status.
func find(list []coded, codes string, status int) (provider.ErrorKind, bool) {
	for _, c := range list {
		switch {
		case !strings.Contains(codes, c.word), !counts(c.kind, status):
		case isContent(c.kind) && containsAny(codes, failing):
		default:
			return c.kind, true
		}
	}
	return "", false
}

// zhipu are the codes of Zhipu's API.
var zhipu = map[string]provider.ErrorKind{
	"1000": provider.Auth,
	"1001": provider.Auth,
	"1002": provider.Auth,
	"1003": provider.Auth,
	"1004": provider.Auth,
	"1110": provider.Auth, // the account is inactive, unknown, locked
	"1111": provider.Auth,
	"1112": provider.Auth,
	"1113": provider.Quota,
	"1120": provider.Unavailable,
	"1121": provider.Auth,
	"1212": provider.Unsupported, // the way of calling this model
	"1220": provider.Auth,
	"1230": provider.Unavailable,
	"1234": provider.Unavailable,
	"1261": provider.ContextTooLong,
	"1300": provider.Filtered,
	"1301": provider.Filtered,
	"1302": provider.RateLimited,
	"1303": provider.RateLimited,
	"1304": provider.Quota, // the calls of this day
	"1305": provider.RateLimited,
	"1308": provider.Quota, // of hours, a week, a month
	"1309": provider.Quota,
	"1310": provider.Quota,
	"1311": provider.Auth, // the subscription lacks the model
	"1312": provider.Overloaded,
	"1313": provider.RateLimited,
}

// miniMax are the codes in MiniMax's base_resp.
var miniMax = map[string]provider.ErrorKind{
	"1001": provider.Timeout,
	"1002": provider.RateLimited,
	"1004": provider.Auth,
	"1008": provider.Quota,
	"1026": provider.Filtered,
	"1027": provider.Filtered,
	"1039": provider.RateLimited,
	"1041": provider.RateLimited,
	"1042": provider.InvalidRequest,
	"2013": provider.InvalidRequest,
	"2049": provider.Auth,
	"2056": provider.Quota,
}

// cloudflare are the codes in Cloudflare's list of errors.
var cloudflare = map[string]provider.ErrorKind{
	"3006": provider.ContextTooLong,
	"3007": provider.Timeout,
	"3008": provider.Timeout,
	"3023": provider.Auth,
	"3036": provider.Quota, // the calls of this day
	"3040": provider.Overloaded,
	"3041": provider.Auth,
	"5016": provider.Auth,
	"5018": provider.Auth,
}
