package httpapi

import (
	"net/http"
	"strings"

	"github.com/funcall/funcall/provider"
)

// A phrase is a part of a message that tells the kind of a failure.
type phrase struct {
	// text is in lower case. It begins with the message, a sentence or what stands
	// behind a punctuation mark, unless it begins with a *; another * stands for
	// any text.
	text string
	kind provider.ErrorKind
}

// in reports whether spoken words hold the phrase.
func (p phrase) in(words string) bool {
	text, anywhere := strings.CutPrefix(p.text, "*")
	first, more, _ := strings.Cut(text, "*")
	for at := 0; ; at++ {
		n := strings.Index(words[at:], first)
		if n < 0 {
			return false
		}
		if at += n; anywhere || begins(words[:at]) {
			return follow(words[at+len(first):], more)
		}
	}
}

// begins reports whether something begins behind the words.
func begins(words string) bool {
	words = strings.TrimRight(words, " ")
	return words == "" || strings.ContainsRune(".:;,!?-()[]{}<>|/"+gone, rune(words[len(words)-1]))
}

// follow reports whether the pieces of a text stand in the words, one after the other.
func follow(words, text string) bool {
	for piece := range strings.SplitSeq(text, "*") {
		n := strings.Index(words, piece)
		if n < 0 {
			return false
		}
		words = words[n+len(piece):]
	}
	return true
}

// phrases are for failures that an API has no code for, or not always. They are
// compared with the words that spoken returns. The first that occurs counts. A comment
// names a server that says so.
var phrases = []phrase{
	{"could not process image", provider.InvalidMedia}, // Anthropic
	{"could not process pdf", provider.InvalidMedia},
	{"could not process document", provider.InvalidMedia},
	{"*.image.source.", provider.InvalidMedia}, // the place in the request
	{"*.pdf.source.", provider.InvalidMedia},
	{"*.document.source.", provider.InvalidMedia},
	{"image exceeds*maximum", provider.InvalidMedia},
	{"image cannot be empty", provider.InvalidMedia},
	{"at least one of the image dimensions exceed", provider.InvalidMedia},
	{"the image was specified using the*media type", provider.InvalidMedia},
	{"image does not match the provided media type", provider.InvalidMedia},
	{"the pdf specified", provider.InvalidMedia},
	{"a maximum of*pdf pages", provider.InvalidMedia},
	{"unable to download the file", provider.InvalidMedia},
	{"this url is disallowed by the website", provider.InvalidMedia},

	{"you uploaded an unsupported image", provider.InvalidMedia}, // OpenAI
	{"the image data you provided does not represent a valid image", provider.InvalidMedia},
	{"invalid image data", provider.InvalidMedia},
	{"failed to download image", provider.InvalidMedia},
	{"error while downloading", provider.InvalidMedia},
	{"timeout while downloading", provider.InvalidMedia},
	{"invalid mime type. only image types", provider.InvalidMedia},
	{"invalid base64 image_url", provider.InvalidMedia},
	{"the data provided for input_audio is not of valid", provider.InvalidMedia},
	{"expected a base64-encoded data url with an", provider.InvalidMedia},
	{"the file type you uploaded is not supported", provider.InvalidMedia},

	{"unable to process input image", provider.InvalidMedia}, // Gemini
	{"provided image is not valid", provider.InvalidMedia},
	{"the document has no pages", provider.InvalidMedia},
	{"unsupported mime type", provider.InvalidMedia},
	{"mime type must be", provider.InvalidMedia},
	{"cannot fetch content from the provided url", provider.InvalidMedia},
	{"unsupported file uri", provider.InvalidMedia},
	{"base64 decoding failed", provider.InvalidMedia},
	{"you do not have permission to access the file", provider.InvalidMedia}, // or it has expired
	{"the file*is not in an active state", provider.InvalidMedia},

	{"failed to load image", provider.InvalidMedia}, // llama.cpp, vLLM
	{"cannot identify image file", provider.InvalidMedia},
	{"incorrect padding", provider.InvalidMedia},   // of base64, in Python
	{"illegal base64 data", provider.InvalidMedia}, // Ollama
	{"invalid image input", provider.InvalidMedia},
	{"invalid png image", provider.InvalidMedia}, // xAI
	{"invalid jpeg image", provider.InvalidMedia},
	{"base64 string of provided image cannot be decoded", provider.InvalidMedia},
	{"unsupported image", provider.InvalidMedia}, // Moonshot
	{"图片输入格式/解析错误", provider.InvalidMedia},       // Zhipu: the image's format, or reading it
	{"cannot decode or download image", provider.InvalidMedia},
	{"the provided image does not match", provider.InvalidMedia},            // Bedrock
	{"*.member.image.format", provider.InvalidMedia},                        // Bedrock
	{"could not be loaded as a valid image", provider.InvalidMedia},         // Mistral
	{"*download*multimodal file", provider.InvalidMedia},                    // DashScope
	{"unable to download the media resource", provider.InvalidMedia},        // DashScope
	{"the provided url does not appear to be valid", provider.InvalidMedia}, // DashScope
	{"the image length and width do not meet", provider.InvalidMedia},       // DashScope
	{"multimodal file size is too large", provider.InvalidMedia},            // DashScope
	{"the audio is too short", provider.InvalidMedia},                       // DashScope
	{"invalid data type for base64 input", provider.InvalidMedia},           // Cloudflare

	{"*input modality is not enabled", provider.InvalidMedia},            // Gemini
	{"*is not a multimodal model", provider.InvalidMedia},                // vLLM
	{"invalid value: file. supported values are", provider.InvalidMedia}, // DashScope, OpenAI
	{"invalid value: image_url. supported values are", provider.InvalidMedia},
	{"invalid value: input_image. supported values are", provider.InvalidMedia},
	{"invalid value: input_file. supported values are", provider.InvalidMedia},
	{"invalid value: input_audio. supported values are", provider.InvalidMedia},
	{"unknown variant image_url", provider.InvalidMedia}, // DeepSeek
	{"unknown variant file", provider.InvalidMedia},
	{"unknown variant input_audio", provider.InvalidMedia},
	{"invalid content type. image_url is only supported by", provider.InvalidMedia}, // OpenAI
	{"*does not support image", provider.InvalidMedia},                              // LM Studio
	{"*doesn't support image", provider.InvalidMedia},
	{"*does not support audio input", provider.InvalidMedia},
	{"*does not support video input", provider.InvalidMedia},
	{"*doesn't support the image content block", provider.InvalidMedia}, // Bedrock
	{"*doesn't support the document content block", provider.InvalidMedia},
	{"*doesn't support the video content block", provider.InvalidMedia},

	{"upstream connect error or disconnect/reset before headers", provider.Unavailable}, // Envoy

	{"*too many tokens per day", provider.Quota}, // Bedrock
	{"*too many tokens, please wait", provider.RateLimited},
	{"*too many requests, please wait", provider.RateLimited},
	{"*throttlingexception", provider.RateLimited},

	{"your credit balance is too low", provider.Quota}, // Anthropic
	{"you have reached your specified api usage limits", provider.Quota},
	{"extra usage is required for long context", provider.Quota},
	{"usage credits are required for long context", provider.Quota},
	{"insufficient balance", provider.Quota}, // DeepSeek, Zhipu, MiniMax
	{"insufficient account balance", provider.Quota},
	{"insufficient credits", provider.Quota},
	{"insufficient funds", provider.Quota},
	{"this request requires more credits", provider.Quota},              // OpenRouter
	{"you have run out of credits", provider.Quota},                     // xAI
	{"*used all available credits", provider.Quota},                     // xAI
	{"*doesn't have any credits", provider.Quota},                       // xAI
	{"*does not have any credits", provider.Quota},                      // xAI
	{"your prepayment credits are depleted", provider.Quota},            // Gemini
	{"you have exceeded your monthly included credits", provider.Quota}, // Hugging Face
	{"you have depleted your monthly included credits", provider.Quota}, // Hugging Face
	{"credit limit exceeded", provider.Quota},                           // Together
	{"billing hard limit has been reached", provider.Quota},             // OpenAI
	{"your account is not active, please check your billing", provider.Quota},
	{"you've reached your usage limit", provider.Quota}, // Kimi
	{"usage limit exceeded", provider.Quota},            // MiniMax
	{"budget has been exceeded", provider.Quota},        // LiteLLM
	{"exceededbudget", provider.Quota},
	{"you have used up your daily free allocation", provider.Quota}, // Cloudflare
	{"account*suspended*spending limit", provider.Quota},            // Fireworks

	{"api key not valid", provider.Auth}, // Gemini
	{"api key expired", provider.Auth},
	{"incorrect api key", provider.Auth}, // xAI, with status 400
	{"invalid api key", provider.Auth},
	{"invalid x-api-key", provider.Auth},
	{"no auth credentials found", provider.Auth}, // OpenRouter
	{"this organization has been disabled", provider.Auth},
	{"user location is not supported", provider.Auth}, // Gemini
	{"country, region, or territory not supported", provider.Auth},
	{"*not allowed from unsupported countries", provider.Auth}, // Bedrock
	{"*is not available in your region", provider.Auth},
	{"*is not available in your country", provider.Auth},

	{"output blocked by content filtering policy", provider.Filtered}, // Anthropic
	{"*blocked by content filtering policy", provider.Filtered},
	{"*content management policy", provider.Filtered}, // Azure
	{"content exists risk", provider.Filtered},        // DeepSeek
	{"your input was flagged", provider.Filtered},     // OpenRouter
	{"*requires moderation*input was flagged", provider.Filtered},
	{"your prompt was flagged", provider.Filtered}, // OpenAI
	{"your request was rejected as a result of our safety system", provider.Filtered},
	{"content violates usage guidelines", provider.Filtered},                            // xAI
	{"the request was rejected because it was considered high risk", provider.Filtered}, // Moonshot
	{"input data may contain inappropriate content", provider.Filtered},                 // DashScope
	{"output data may contain inappropriate content", provider.Filtered},
	{"input new_sensitive", provider.Filtered}, // MiniMax
	{"output new_sensitive", provider.Filtered},
	{"system detected potentially unsafe", provider.Filtered}, // Z.ai
	{"blocked output", provider.Filtered},                     // Cohere
	{"blocked input", provider.Filtered},
	{"*litellm.contentpolicyviolationerror", provider.Filtered},
	{"the content you provided or machine outputted is blocked", provider.Filtered}, // StepFun

	{"prompt is too long", provider.ContextTooLong}, // Anthropic
	{"input length and*exceed context limit", provider.ContextTooLong},
	{"the prompt is too long", provider.ContextTooLong},
	{"prompt too long", provider.ContextTooLong},                                            // Ollama
	{"prompt exceeds max length", provider.ContextTooLong},                                  // Z.ai
	{"input is too long", provider.ContextTooLong},                                          // Bedrock
	{"the input token count*exceeds the maximum number of tokens", provider.ContextTooLong}, // Gemini
	{"request payload size exceeds the limit", provider.ContextTooLong},                     // Gemini
	{"request exceeds the maximum size", provider.ContextTooLong},                           // Anthropic
	{"this model's maximum prompt length is", provider.ContextTooLong},                      // xAI
	{"please reduce the length of the messages", provider.ContextTooLong},                   // Groq
	{"your request exceeded model token limit", provider.ContextTooLong},                    // Moonshot
	{"prompt token count*exceeds the limit", provider.ContextTooLong},                       // GitHub Copilot
	{"prompt contains*too large for model", provider.ContextTooLong},                        // Mistral
	{"range of input length should be", provider.ContextTooLong},                            // DashScope
	{"too many tokens: total number of tokens in the prompt", provider.ContextTooLong},      // Cohere
	{"too many tokens: size limit exceeded", provider.ContextTooLong},                       // Cohere
	{"inputs must have less than*tokens", provider.ContextTooLong},                          // Text Generation Inference
	{"inputs tokens + max_new_tokens must be", provider.ContextTooLong},
	{"input length*exceeds the maximum allowed", provider.ContextTooLong}, // SGLang
	{"requested token count exceeds", provider.ContextTooLong},            // SGLang
	{"max_tokens must be at least 1, got -", provider.ContextTooLong},     // vLLM: what the prompt leaves
	{"at most*may be provided in one", provider.ContextTooLong},           // vLLM: images in a prompt
	{"too many images", provider.ContextTooLong},
	{"the request exceeds the available context size", provider.ContextTooLong}, // llama.cpp
	{"*litellm.contextwindowexceedederror", provider.ContextTooLong},

	{"function calling with a response mime type", provider.Unsupported}, // Gemini
	{"tool use with a response mime type", provider.Unsupported},
	{"tool use with function calling is unsupported", provider.Unsupported},
	{"for controlled generation of only function calls", provider.Unsupported},
	{"function calling is not enabled", provider.Unsupported},
	{"json mode is not enabled", provider.Unsupported},
	{"developer instruction is not enabled", provider.Unsupported},
	{"the specified schema produces a constraint that has too many states", provider.Unsupported},
	{"json mode cannot be combined with tool", provider.Unsupported}, // Groq
	{"no endpoints found that support", provider.Unsupported},        // OpenRouter
	{"no endpoints found that can handle the requested parameters", provider.Unsupported},
	{"*tool choice requires --enable-auto-tool-choice", provider.Unsupported},  // vLLM
	{"tools param requires --jinja", provider.Unsupported},                     // llama.cpp
	{"cannot use custom grammar constraints with tools", provider.Unsupported}, // llama.cpp
	{"*does not support tool", provider.Unsupported},                           // Ollama, Bedrock
	{"*doesn't support tool", provider.Unsupported},
	{"*do not support tool", provider.Unsupported},
	{"*does not support function", provider.Unsupported},
	{"*does not support this tool_choice", provider.Unsupported}, // DeepSeek
	{"*function calling is not supported", provider.Unsupported}, // Together
	{"*tool calling is not supported", provider.Unsupported},     // Groq
	{"*tools are not supported", provider.Unsupported},
	{"*tool use is not supported", provider.Unsupported},
}

// An oddPhrase speaks of the content of a request, and comes with a status that
// otherwise does not.
type oddPhrase struct {
	phrase
	status int
}

// oddPhrases are compared ahead of phrases.
var oddPhrases = []oddPhrase{
	{phrase{"no endpoints found that support image", provider.InvalidMedia}, http.StatusNotFound}, // OpenRouter
	{phrase{"no endpoints found that support input audio", provider.InvalidMedia}, http.StatusNotFound},
	{phrase{"no endpoints found that support file", provider.InvalidMedia}, http.StatusNotFound},
	{phrase{"request too large for*tokens per min", provider.ContextTooLong}, http.StatusTooManyRequests}, // Groq, OpenAI: it never fits a minute
	{phrase{"image input is not supported", provider.InvalidMedia}, http.StatusInternalServerError},       // llama.cpp
	{phrase{"audio input is not supported", provider.InvalidMedia}, http.StatusInternalServerError},
	{phrase{"failed to load image or audio file", provider.InvalidMedia}, http.StatusInternalServerError},
	{phrase{"this model is missing data required for image input", provider.InvalidMedia}, http.StatusInternalServerError}, // Ollama
	{phrase{"image: unknown format", provider.InvalidMedia}, http.StatusInternalServerError},
}

// kindOfWords sorts by the first phrase in words that counts with the status.
func kindOfWords(words string, status int) (provider.ErrorKind, bool) {
	for _, p := range oddPhrases {
		if (p.status == status || counts(p.kind, status)) && p.in(words) {
			return p.kind, true
		}
	}
	for _, p := range phrases {
		if counts(p.kind, status) && p.in(words) {
			return p.kind, true
		}
	}
	return "", false
}

// room are the words for what a conversation has to fit, and excess those for one
// that does not, for servers without a code for it.
var (
	room   = []string{"context length", "context window", "context size", "maximum context"}
	excess = []string{"exceed", "maximum", "longer than", "greater than", "larger than", "more than", "too long", "too large", "overflow", "not fit", "n't fit"}
)

// outputLimits are the names of the setting that bounds an answer, and inputs the
// words of servers that speak of the conversation as well.
var (
	outputLimits = []string{"max_tokens", "max_completion_tokens", "max_output_tokens"}
	inputs       = []string{"input tokens", "in the messages", "prompt"}
)

// unsupported are the words of servers that lack what stands in a place.
var unsupported = []string{"not supported", "not support", "unsupported"}

// noSchema are the words of servers that take no schema for the answer, or not
// this one: there is no code for it.
var noSchema = []string{"response_format", "response format", "json_schema", "structured output", "text.format", "output_config", "output_format", "response_schema", "response schema", "responsejsonschema"}
