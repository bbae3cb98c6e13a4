package httpapi

import (
	"net/http"
	"strings"

	"github.com/funcall/funcall/provider"
)

// A phrase is a part of an error message that shows the kind of the failure.
type phrase struct {
	// text is in lower case. It must begin the message, a sentence, or the text after a
	// punctuation mark, unless it begins with a *. Any other * stands for any text.
	text string
	kind provider.ErrorKind
}

// in reports whether the phrase occurs in words.
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

// begins reports whether a sentence or a clause may begin after words.
func begins(words string) bool {
	words = strings.TrimRight(words, " ")
	return words == "" || strings.ContainsRune(".:;,!?-()[]{}<>|/"+gone, rune(words[len(words)-1]))
}

// follow reports whether the pieces of text occur in words, in order.
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

// phrases are for failures that an API reports without a code, always or sometimes. They are
// compared with the words that spoken returns. The first match counts. A comment names a
// server that sends the phrase.
var phrases = []phrase{
	{"could not process image", provider.KindInvalidMedia}, // Anthropic
	{"could not process pdf", provider.KindInvalidMedia},
	{"could not process document", provider.KindInvalidMedia},
	{"*.image.source.", provider.KindInvalidMedia}, // the place in the request
	{"*.pdf.source.", provider.KindInvalidMedia},
	{"*.document.source.", provider.KindInvalidMedia},
	{"image exceeds*maximum", provider.KindInvalidMedia},
	{"image cannot be empty", provider.KindInvalidMedia},
	{"at least one of the image dimensions exceed", provider.KindInvalidMedia},
	{"the image was specified using the*media type", provider.KindInvalidMedia},
	{"image does not match the provided media type", provider.KindInvalidMedia},
	{"the pdf specified", provider.KindInvalidMedia},
	{"a maximum of*pdf pages", provider.KindInvalidMedia},
	{"unable to download the file", provider.KindInvalidMedia},
	{"this url is disallowed by the website", provider.KindInvalidMedia},

	{"you uploaded an unsupported image", provider.KindInvalidMedia}, // OpenAI
	{"the image data you provided does not represent a valid image", provider.KindInvalidMedia},
	{"invalid image data", provider.KindInvalidMedia},
	{"failed to download image", provider.KindInvalidMedia},
	{"error while downloading", provider.KindInvalidMedia},
	{"timeout while downloading", provider.KindInvalidMedia},
	{"invalid mime type. only image types", provider.KindInvalidMedia},
	{"invalid base64 image_url", provider.KindInvalidMedia},
	{"the data provided for input_audio is not of valid", provider.KindInvalidMedia},
	{"expected a base64-encoded data url with an", provider.KindInvalidMedia},
	{"the file type you uploaded is not supported", provider.KindInvalidMedia},

	{"unable to process input image", provider.KindInvalidMedia}, // Gemini
	{"provided image is not valid", provider.KindInvalidMedia},
	{"the document has no pages", provider.KindInvalidMedia},
	{"unsupported mime type", provider.KindInvalidMedia},
	{"mime type must be", provider.KindInvalidMedia},
	{"cannot fetch content from the provided url", provider.KindInvalidMedia},
	{"unsupported file uri", provider.KindInvalidMedia},
	{"base64 decoding failed", provider.KindInvalidMedia},
	{"you do not have permission to access the file", provider.KindInvalidMedia}, // or it has expired
	{"the file*is not in an active state", provider.KindInvalidMedia},

	{"failed to load image", provider.KindInvalidMedia}, // llama.cpp, vLLM
	{"cannot identify image file", provider.KindInvalidMedia},
	{"incorrect padding", provider.KindInvalidMedia},   // of base64, in Python
	{"illegal base64 data", provider.KindInvalidMedia}, // Ollama
	{"invalid image input", provider.KindInvalidMedia},
	{"invalid png image", provider.KindInvalidMedia}, // xAI
	{"invalid jpeg image", provider.KindInvalidMedia},
	{"base64 string of provided image cannot be decoded", provider.KindInvalidMedia},
	{"unsupported image", provider.KindInvalidMedia}, // Moonshot
	{"图片输入格式/解析错误", provider.KindInvalidMedia},       // Zhipu: the image's format, or reading it
	{"cannot decode or download image", provider.KindInvalidMedia},
	{"the provided image does not match", provider.KindInvalidMedia},            // Bedrock
	{"*.member.image.format", provider.KindInvalidMedia},                        // Bedrock
	{"could not be loaded as a valid image", provider.KindInvalidMedia},         // Mistral
	{"*download*multimodal file", provider.KindInvalidMedia},                    // DashScope
	{"unable to download the media resource", provider.KindInvalidMedia},        // DashScope
	{"the provided url does not appear to be valid", provider.KindInvalidMedia}, // DashScope
	{"the image length and width do not meet", provider.KindInvalidMedia},       // DashScope
	{"multimodal file size is too large", provider.KindInvalidMedia},            // DashScope
	{"the audio is too short", provider.KindInvalidMedia},                       // DashScope
	{"invalid data type for base64 input", provider.KindInvalidMedia},           // Cloudflare

	{"*input modality is not enabled", provider.KindInvalidMedia},            // Gemini
	{"*is not a multimodal model", provider.KindInvalidMedia},                // vLLM
	{"invalid value: file. supported values are", provider.KindInvalidMedia}, // DashScope, OpenAI
	{"invalid value: image_url. supported values are", provider.KindInvalidMedia},
	{"invalid value: input_image. supported values are", provider.KindInvalidMedia},
	{"invalid value: input_file. supported values are", provider.KindInvalidMedia},
	{"invalid value: input_audio. supported values are", provider.KindInvalidMedia},
	{"unknown variant image_url", provider.KindInvalidMedia}, // DeepSeek
	{"unknown variant file", provider.KindInvalidMedia},
	{"unknown variant input_audio", provider.KindInvalidMedia},
	{"invalid content type. image_url is only supported by", provider.KindInvalidMedia}, // OpenAI
	{"*does not support image", provider.KindInvalidMedia},                              // LM Studio
	{"*doesn't support image", provider.KindInvalidMedia},
	{"*does not support audio input", provider.KindInvalidMedia},
	{"*does not support video input", provider.KindInvalidMedia},
	{"*doesn't support the image content block", provider.KindInvalidMedia}, // Bedrock
	{"*doesn't support the document content block", provider.KindInvalidMedia},
	{"*doesn't support the video content block", provider.KindInvalidMedia},

	{"upstream connect error or disconnect/reset before headers", provider.KindUnavailable}, // Envoy

	{"*too many tokens per day", provider.KindQuota}, // Bedrock
	{"*too many tokens, please wait", provider.KindRateLimited},
	{"*too many requests, please wait", provider.KindRateLimited},
	{"*throttlingexception", provider.KindRateLimited},

	{"your credit balance is too low", provider.KindQuota}, // Anthropic
	{"you have reached your specified api usage limits", provider.KindQuota},
	{"extra usage is required for long context", provider.KindQuota},
	{"usage credits are required for long context", provider.KindQuota},
	{"insufficient balance", provider.KindQuota}, // DeepSeek, Zhipu, MiniMax
	{"insufficient account balance", provider.KindQuota},
	{"insufficient credits", provider.KindQuota},
	{"insufficient funds", provider.KindQuota},
	{"this request requires more credits", provider.KindQuota},              // OpenRouter
	{"you have run out of credits", provider.KindQuota},                     // xAI
	{"*used all available credits", provider.KindQuota},                     // xAI
	{"*doesn't have any credits", provider.KindQuota},                       // xAI
	{"*does not have any credits", provider.KindQuota},                      // xAI
	{"your prepayment credits are depleted", provider.KindQuota},            // Gemini
	{"you have exceeded your monthly included credits", provider.KindQuota}, // Hugging Face
	{"you have depleted your monthly included credits", provider.KindQuota}, // Hugging Face
	{"credit limit exceeded", provider.KindQuota},                           // Together
	{"billing hard limit has been reached", provider.KindQuota},             // OpenAI
	{"your account is not active, please check your billing", provider.KindQuota},
	{"you've reached your usage limit", provider.KindQuota}, // Kimi
	{"usage limit exceeded", provider.KindQuota},            // MiniMax
	{"budget has been exceeded", provider.KindQuota},        // LiteLLM
	{"exceededbudget", provider.KindQuota},
	{"you have used up your daily free allocation", provider.KindQuota}, // Cloudflare
	{"account*suspended*spending limit", provider.KindQuota},            // Fireworks

	{"api key not valid", provider.KindAuth}, // Gemini
	{"api key expired", provider.KindAuth},
	{"incorrect api key", provider.KindAuth}, // xAI, with status 400
	{"invalid api key", provider.KindAuth},
	{"invalid x-api-key", provider.KindAuth},
	{"no auth credentials found", provider.KindAuth}, // OpenRouter
	{"this organization has been disabled", provider.KindAuth},
	{"user location is not supported", provider.KindAuth}, // Gemini
	{"country, region, or territory not supported", provider.KindAuth},
	{"*not allowed from unsupported countries", provider.KindAuth}, // Bedrock
	{"*is not available in your region", provider.KindAuth},
	{"*is not available in your country", provider.KindAuth},

	{"output blocked by content filtering policy", provider.KindFiltered}, // Anthropic
	{"*blocked by content filtering policy", provider.KindFiltered},
	{"*content management policy", provider.KindFiltered}, // Azure
	{"content exists risk", provider.KindFiltered},        // DeepSeek
	{"your input was flagged", provider.KindFiltered},     // OpenRouter
	{"*requires moderation*input was flagged", provider.KindFiltered},
	{"your prompt was flagged", provider.KindFiltered}, // OpenAI
	{"your request was rejected as a result of our safety system", provider.KindFiltered},
	{"content violates usage guidelines", provider.KindFiltered},                            // xAI
	{"the request was rejected because it was considered high risk", provider.KindFiltered}, // Moonshot
	{"input data may contain inappropriate content", provider.KindFiltered},                 // DashScope
	{"output data may contain inappropriate content", provider.KindFiltered},
	{"input new_sensitive", provider.KindFiltered}, // MiniMax
	{"output new_sensitive", provider.KindFiltered},
	{"system detected potentially unsafe", provider.KindFiltered}, // Z.ai
	{"blocked output", provider.KindFiltered},                     // Cohere
	{"blocked input", provider.KindFiltered},
	{"*litellm.contentpolicyviolationerror", provider.KindFiltered},
	{"the content you provided or machine outputted is blocked", provider.KindFiltered}, // StepFun

	{"prompt is too long", provider.KindContextTooLong}, // Anthropic
	{"input length and*exceed context limit", provider.KindContextTooLong},
	{"the prompt is too long", provider.KindContextTooLong},
	{"prompt too long", provider.KindContextTooLong},                                            // Ollama
	{"prompt exceeds max length", provider.KindContextTooLong},                                  // Z.ai
	{"input is too long", provider.KindContextTooLong},                                          // Bedrock
	{"the input token count*exceeds the maximum number of tokens", provider.KindContextTooLong}, // Gemini
	{"request payload size exceeds the limit", provider.KindContextTooLong},                     // Gemini
	{"request exceeds the maximum size", provider.KindContextTooLong},                           // Anthropic
	{"this model's maximum prompt length is", provider.KindContextTooLong},                      // xAI
	{"please reduce the length of the messages", provider.KindContextTooLong},                   // Groq
	{"your request exceeded model token limit", provider.KindContextTooLong},                    // Moonshot
	{"prompt token count*exceeds the limit", provider.KindContextTooLong},                       // GitHub Copilot
	{"prompt contains*too large for model", provider.KindContextTooLong},                        // Mistral
	{"range of input length should be", provider.KindContextTooLong},                            // DashScope
	{"too many tokens: total number of tokens in the prompt", provider.KindContextTooLong},      // Cohere
	{"too many tokens: size limit exceeded", provider.KindContextTooLong},                       // Cohere
	{"inputs must have less than*tokens", provider.KindContextTooLong},                          // Text Generation Inference
	{"inputs tokens + max_new_tokens must be", provider.KindContextTooLong},
	{"input length*exceeds the maximum allowed", provider.KindContextTooLong}, // SGLang
	{"requested token count exceeds", provider.KindContextTooLong},            // SGLang
	{"max_tokens must be at least 1, got -", provider.KindContextTooLong},     // vLLM: what the prompt leaves
	{"at most*may be provided in one", provider.KindContextTooLong},           // vLLM: images in a prompt
	{"too many images", provider.KindContextTooLong},
	{"the request exceeds the available context size", provider.KindContextTooLong}, // llama.cpp
	{"*litellm.contextwindowexceedederror", provider.KindContextTooLong},

	{"function calling with a response mime type", provider.KindUnsupported}, // Gemini
	{"tool use with a response mime type", provider.KindUnsupported},
	{"tool use with function calling is unsupported", provider.KindUnsupported},
	{"for controlled generation of only function calls", provider.KindUnsupported},
	{"function calling is not enabled", provider.KindUnsupported},
	{"json mode is not enabled", provider.KindUnsupported},
	{"developer instruction is not enabled", provider.KindUnsupported},
	{"the specified schema produces a constraint that has too many states", provider.KindUnsupported},
	{"json mode cannot be combined with tool", provider.KindUnsupported}, // Groq
	{"no endpoints found that support", provider.KindUnsupported},        // OpenRouter
	{"no endpoints found that can handle the requested parameters", provider.KindUnsupported},
	{"*tool choice requires --enable-auto-tool-choice", provider.KindUnsupported},  // vLLM
	{"tools param requires --jinja", provider.KindUnsupported},                     // llama.cpp
	{"cannot use custom grammar constraints with tools", provider.KindUnsupported}, // llama.cpp
	{"*does not support tool", provider.KindUnsupported},                           // Ollama, Bedrock
	{"*doesn't support tool", provider.KindUnsupported},
	{"*do not support tool", provider.KindUnsupported},
	{"*does not support function", provider.KindUnsupported},
	{"*does not support this tool_choice", provider.KindUnsupported}, // DeepSeek
	{"*function calling is not supported", provider.KindUnsupported}, // Together
	{"*tool calling is not supported", provider.KindUnsupported},     // Groq
	{"*tools are not supported", provider.KindUnsupported},
	{"*tool use is not supported", provider.KindUnsupported},
}

// An oddPhrase speaks of the content of a request, and comes with a status that
// otherwise does not.
type oddPhrase struct {
	phrase
	status int
}

// oddPhrases are phrases that count with an unusual status. They are compared before phrases.
var oddPhrases = []oddPhrase{
	{phrase{"no endpoints found that support image", provider.KindInvalidMedia}, http.StatusNotFound}, // OpenRouter
	{phrase{"no endpoints found that support input audio", provider.KindInvalidMedia}, http.StatusNotFound},
	{phrase{"no endpoints found that support file", provider.KindInvalidMedia}, http.StatusNotFound},
	{phrase{"request too large for*tokens per min", provider.KindContextTooLong}, http.StatusTooManyRequests}, // Groq, OpenAI: it never fits a minute
	{phrase{"image input is not supported", provider.KindInvalidMedia}, http.StatusInternalServerError},       // llama.cpp
	{phrase{"audio input is not supported", provider.KindInvalidMedia}, http.StatusInternalServerError},
	{phrase{"failed to load image or audio file", provider.KindInvalidMedia}, http.StatusInternalServerError},
	{phrase{"this model is missing data required for image input", provider.KindInvalidMedia}, http.StatusInternalServerError}, // Ollama
	{phrase{"image: unknown format", provider.KindInvalidMedia}, http.StatusInternalServerError},
}

// kindOfWords returns the kind of the first phrase in words that counts with the status.
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

// room are words for the size of the context, and excess words for a conversation that exceeds
// it, for servers without a code for that failure.
var (
	room   = []string{"context length", "context window", "context size", "maximum context"}
	excess = []string{"exceed", "maximum", "longer than", "greater than", "larger than", "more than", "too long", "too large", "overflow", "not fit", "n't fit"}
)

// outputLimits are the names of the setting that bounds the output, and inputs words that show
// that an error is about the conversation as well.
var (
	outputLimits = []string{"max_tokens", "max_completion_tokens", "max_output_tokens"}
	inputs       = []string{"input tokens", "in the messages", "prompt"}
)

// unsupported are words for a feature that a server lacks.
var unsupported = []string{"not supported", "not support", "unsupported"}

// noSchema are words of servers that do not accept an output schema, or not this one. They
// have no code for that failure.
var noSchema = []string{"response_format", "response format", "json_schema", "structured output", "text.format", "output_config", "output_format", "response_schema", "response schema", "responsejsonschema"}
