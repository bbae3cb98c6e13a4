package httpapi

import (
	"strings"

	"github.com/funcall/funcall/provider"
)

// A coded is a word in codes and types of errors, and the kind that it means.
type coded struct {
	word string // as bare returns it
	kind provider.ErrorKind
}

// bare removes the differences in spelling from a code: InvalidApiKey, invalid_api_key,
// INVALID-API-KEY.
func bare(code string) string {
	return strings.ToLower(codePunctuation.Replace(code[:min(len(code), maxReasons)]))
}

var codePunctuation = strings.NewReplacer("_", "", "-", "")

// byCode maps codes to kinds. The first word that occurs counts.
var byCode = []coded{
	// Media come before filters and lengths, whose words their codes contain.
	{"invalidimage", provider.KindInvalidMedia}, // and …format, …url, …mode, …size
	{"invalidbase64image", provider.KindInvalidMedia},
	{"imageparseerror", provider.KindInvalidMedia},
	{"imagetoolarge", provider.KindInvalidMedia},
	{"imagetoosmall", provider.KindInvalidMedia},
	{"imagefiletoolarge", provider.KindInvalidMedia},
	{"imagefileexceeds", provider.KindInvalidMedia}, // Novita
	{"imageexceeds", provider.KindInvalidMedia},
	{"unsupportedimage", provider.KindInvalidMedia}, // …format, …media_type
	{"emptyimagefile", provider.KindInvalidMedia},
	{"failedtodownloadimage", provider.KindInvalidMedia},
	{"imagedownloadfailed", provider.KindInvalidMedia},
	{"imagefilenotfound", provider.KindInvalidMedia},
	{"imagenotfound", provider.KindInvalidMedia},
	{"invalidaudio", provider.KindInvalidMedia},
	{"unsupportedfile", provider.KindInvalidMedia},
	{"invalidparameter.datainspection", provider.KindInvalidMedia}, // DashScope: the media cannot be fetched to be inspected

	{"contextlength", provider.KindContextTooLong},
	{"contextwindow", provider.KindContextTooLong},
	{"exceedcontextsize", provider.KindContextTooLong},
	{"tokenslimitreached", provider.KindContextTooLong}, // GitHub Models
	{"maxprompttokens", provider.KindContextTooLong},    // GitHub Copilot
	{"stringabovemaxlength", provider.KindContextTooLong},
	{"stringtoolong", provider.KindContextTooLong},
	{"requesttoolarge", provider.KindContextTooLong},

	{"contentfilter", provider.KindFiltered},
	{"contentpolicy", provider.KindFiltered},
	{"moderation", provider.KindFiltered},
	{"datainspectionfailed", provider.KindFiltered}, // DashScope
	{"responsibleaipolicy", provider.KindFiltered},  // Azure
	{"safetycheck", provider.KindFiltered},
	{"illegalprompt", provider.KindFiltered}, // Novita
	{"illegalimage", provider.KindFiltered},
	{"censorshipblocked", provider.KindFiltered}, // StepFun

	{"throttling.allocationquota.freetieronly", provider.KindQuota}, // DashScope
	{"allocationquota.freetieronly", provider.KindQuota},
	{"insufficientquota", provider.KindQuota},
	{"insufficientbalance", provider.KindQuota},
	{"insufficientfunds", provider.KindQuota},
	{"exceededcurrentquota", provider.KindQuota}, // Moonshot
	{"billing", provider.KindQuota},
	{"credit", provider.KindQuota},
	{"spendlimit", provider.KindQuota},
	{"budgetexceeded", provider.KindQuota}, // LiteLLM
	{"usagelimitreached", provider.KindQuota},
	{"paymentrequired", provider.KindQuota},
	{"perday", provider.KindQuota},      // Google: a daily quota, gone for today
	{"arrearage", provider.KindQuota},   // DashScope
	{"billoverdue", provider.KindQuota}, // DashScope

	{"apikeyinvalid", provider.KindAuth}, // Google: with status 400
	{"accesstokenexpired", provider.KindAuth},
	{"invalidapikey", provider.KindAuth},
	{"incorrectapikey", provider.KindAuth},
	{"wrongapikey", provider.KindAuth},
	{"invalidauthentication", provider.KindAuth},
	{"accountdeactivated", provider.KindAuth},
	{"unsupportedcountry", provider.KindAuth},

	{"overload", provider.KindOverloaded},
	{"capacity", provider.KindOverloaded}, // Mistral
	{"queueexceeded", provider.KindOverloaded},
	{"slowdown", provider.KindOverloaded},

	{"toolusefailed", provider.KindMalformed},      // Groq: the model wrote an invalid call
	{"jsonvalidatefailed", provider.KindMalformed}, // Groq: the model wrote no JSON
	{"outputparsefailed", provider.KindMalformed},
	{"operationnotsupported", provider.KindUnsupported}, // Azure
}

// byRate has codes that also mean a used-up quota, or a request that exceeds every limit: the
// message counts more.
var byRate = []coded{
	{"ratelimit", provider.KindRateLimited},
	{"toomanyrequests", provider.KindRateLimited},
	{"resourceexhausted", provider.KindRateLimited}, // Google
	{"throttl", provider.KindRateLimited},           // DashScope, Bedrock
}

// byCodeInBand is for errors without a status of their own.
var byCodeInBand = []coded{
	{"timeout", provider.KindTimeout},
	{"auth", provider.KindAuth},
	{"apikey", provider.KindAuth},
	{"permission", provider.KindAuth},
	{"invalidrequest", provider.KindInvalidRequest},
	{"notfound", provider.KindInvalidRequest},
	{"deadlineexceeded", provider.KindTimeout},
	{"invalidargument", provider.KindInvalidRequest},
	{"invalidparameter", provider.KindInvalidRequest},
	{"invalidprompt", provider.KindInvalidRequest},
	{"badrequest", provider.KindInvalidRequest},
	{"validation", provider.KindInvalidRequest}, // Text Generation Inference, Bedrock
}

// failing are words in the codes of servers whose filter or download failed. Such a code does
// not judge the content.
var failing = []string{"timeout", "unavailable", "ratelimit", "overload", "internal"}

// find returns the kind of the first word that occurs in codes, as bare returns them, and that
// counts with the status.
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
	"1000": provider.KindAuth,
	"1001": provider.KindAuth,
	"1002": provider.KindAuth,
	"1003": provider.KindAuth,
	"1004": provider.KindAuth,
	"1110": provider.KindAuth, // the account is inactive, unknown, locked
	"1111": provider.KindAuth,
	"1112": provider.KindAuth,
	"1113": provider.KindQuota,
	"1120": provider.KindUnavailable,
	"1121": provider.KindAuth,
	"1212": provider.KindUnsupported, // the way of calling this model
	"1220": provider.KindAuth,
	"1230": provider.KindUnavailable,
	"1234": provider.KindUnavailable,
	"1261": provider.KindContextTooLong,
	"1300": provider.KindFiltered,
	"1301": provider.KindFiltered,
	"1302": provider.KindRateLimited,
	"1303": provider.KindRateLimited,
	"1304": provider.KindQuota, // the calls of this day
	"1305": provider.KindRateLimited,
	"1308": provider.KindQuota, // of hours, a week, a month
	"1309": provider.KindQuota,
	"1310": provider.KindQuota,
	"1311": provider.KindAuth, // the subscription lacks the model
	"1312": provider.KindOverloaded,
	"1313": provider.KindRateLimited,
}

// miniMax are the codes in MiniMax's base_resp.
var miniMax = map[string]provider.ErrorKind{
	"1001": provider.KindTimeout,
	"1002": provider.KindRateLimited,
	"1004": provider.KindAuth,
	"1008": provider.KindQuota,
	"1026": provider.KindFiltered,
	"1027": provider.KindFiltered,
	"1039": provider.KindRateLimited,
	"1041": provider.KindRateLimited,
	"1042": provider.KindInvalidRequest,
	"2013": provider.KindInvalidRequest,
	"2049": provider.KindAuth,
	"2056": provider.KindQuota,
}

// cloudflare are the codes in Cloudflare's list of errors.
var cloudflare = map[string]provider.ErrorKind{
	"3006": provider.KindContextTooLong,
	"3007": provider.KindTimeout,
	"3008": provider.KindTimeout,
	"3023": provider.KindAuth,
	"3036": provider.KindQuota, // the calls of this day
	"3040": provider.KindOverloaded,
	"3041": provider.KindAuth,
	"5016": provider.KindAuth,
	"5018": provider.KindAuth,
}
