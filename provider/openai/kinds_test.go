package openai_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
)

func TestKinds(t *testing.T) {
	adaptertest.Kinds(t, chat, []adaptertest.Kind{
		{Name: "OpenAI: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"message":"Your input exceeds the context window of this model.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}`},
		{Name: "OpenAI: a text that is too long", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"message":"Invalid 'messages[0].content': string too long.","type":"invalid_request_error","param":"messages[0].content","code":"string_above_max_length"}}`},
		{Name: "OpenAI: larger than a minute", Status: 429, Want: provider.KindContextTooLong, Body: `{"error":{"message":"Request too large for gpt-x in organization org-1 on tokens per min (TPM): Limit 10, Requested 20.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`},
		{Name: "OpenAI: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"error":{"message":"Rate limit reached for gpt-x in organization org-1 on tokens per min (TPM): Limit 10, Used 9.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`},
		{Name: "OpenAI: quota", Status: 429, Want: provider.KindQuota, Body: `{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`},
		{Name: "OpenAI: billing", Status: 400, Want: provider.KindQuota, Body: `{"error":{"message":"The limit is reached","type":"invalid_request_error","param":null,"code":"billing_hard_limit_reached"}}`},
		{Name: "OpenAI: inactive", Status: 429, Want: provider.KindQuota, Body: `{"error":{"message":"Your account is not active, please check your billing details.","type":"invalid_request_error","param":null,"code":null}}`},
		{Name: "OpenAI: key", Status: 401, Want: provider.KindAuth, Body: `{"error":{"message":"Incorrect API key provided: sk-1.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`},
		{Name: "OpenAI: country", Status: 403, Want: provider.KindAuth, Body: `{"error":{"code":"unsupported_country_region_territory","message":"Not here","param":null,"type":"request_forbidden"}}`},
		{Name: "OpenAI: flagged", Status: 400, Want: provider.KindFiltered, Body: `{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","param":null,"code":"invalid_prompt"}}`},
		{Name: "OpenAI: safety", Status: 400, Want: provider.KindFiltered, Body: `{"error":{"message":"It was rejected","type":"image_generation_user_error","param":null,"code":"moderation_blocked"}}`},
		{Name: "OpenAI: busy", Status: 503, Want: provider.KindOverloaded, Body: `{"error":{"message":"Try later","type":"service_unavailable_error","param":null,"code":"server_is_overloaded"}}`},
		{Name: "OpenAI: no tools", Status: 400, Want: provider.KindUnsupported, OnlyStatus: true, Body: `{"error":{"message":"Unsupported parameter: 'tools' is not supported with this model.","type":"invalid_request_error","param":"tools","code":"unsupported_parameter"}}`},
		{Name: "OpenAI: no schema", Status: 400, Want: provider.KindUnsupported, OnlyStatus: true, Body: `{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","type":"invalid_request_error","param":null,"code":null}}`},
		{Name: "OpenAI: no images", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"Invalid content type. image_url is only supported by certain models.","type":"invalid_request_error","param":"messages.[0].content.[1].type","code":null}}`},
		{Name: "OpenAI: another mistake", Status: 400, Want: provider.KindInvalidRequest, Body: `{"error":{"message":"Invalid value: 'x'.","type":"invalid_request_error","param":"messages[0].role","code":"invalid_value"}}`},
		{Name: "OpenAI: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"No","type":"invalid_request_error","param":null,"code":"image_parse_error"}}`},
		{Name: "OpenAI: image format", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"You uploaded an unsupported image. Please make sure your image is valid.","type":"invalid_request_error","param":null,"code":"sanitizer_server_error"}}`},
		{Name: "OpenAI: image at an address", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"Timeout while downloading https://img.example/1.png","type":"invalid_request_error","param":"url","code":"invalid_value"}}`},
		{Name: "OpenAI: file", Status: 400, Want: provider.KindInvalidMedia, OnlyStatus: true, Body: `{"error":{"message":"Invalid file data: 'input[0].content[0].file_data'. It is no PDF.","type":"invalid_request_error","param":"input[0].content[0].file_data","code":"invalid_value"}}`},
		{Name: "OpenAI: audio", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"The data provided for 'input_audio' is not of valid wav format.","type":"invalid_request_error","param":null,"code":null}}`},
		{Name: "OpenAI: forbidden image", Status: 400, Want: provider.KindFiltered, Body: `{"error":{"message":"No","type":"invalid_request_error","param":null,"code":"image_content_policy_violation"}}`},

		{Name: "Azure: filter", Status: 400, Want: provider.KindFiltered, Body: `{"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true}}}}}`},
		{Name: "Azure: filter in details", Status: 400, Want: provider.KindFiltered, Body: `{"error":{"message":"No","code":"BadRequest","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`},
		{Name: "Azure: deployment", Status: 404, Want: provider.KindInvalidRequest, Body: `{"error":{"code":"DeploymentNotFound","message":"There is no such deployment."}}`},
		{Name: "Azure: operation", Status: 400, Want: provider.KindUnsupported, Body: `{"error":{"code":"OperationNotSupported","message":"The operation does not work with the model."}}`},
		{Name: "Azure: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"error":{"code":"RateLimitReached","message":"Requests have exceeded the call rate limit."}}`},

		{Name: "DeepSeek: balance", Status: 402, Want: provider.KindQuota, Body: `{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}`},
		{Name: "DeepSeek: filter", Status: 400, Want: provider.KindFiltered, Body: `{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}`},
		{Name: "DeepSeek: no images", Status: 422, Want: provider.KindInvalidMedia, OnlyStatus: true, Body: "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text` at line 1 column 99"},
		{Name: "DeepSeek: no forced calls", Status: 400, Want: provider.KindUnsupported, Body: `{"error":{"message":"deepseek-r does not support this tool_choice","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}`},
		{Name: "DeepSeek: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"message":"This model's maximum context length is 100 tokens. However, you requested 200 tokens.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}`},

		{Name: "Mistral: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"object":"error","message":"Prompt contains 200 tokens and 0 draft tokens, too large for model with 100 maximum context length","type":"invalid_request_prompt","param":null,"code":"3051"}`},
		{Name: "Mistral: capacity", Status: 429, Want: provider.KindOverloaded, Body: `{"object":"error","message":"It is full","type":"service_tier_capacity_exceeded","param":null,"code":"3505"}`},
		{Name: "Mistral: a number that Zhipu has, too", Status: 429, Want: provider.KindRateLimited, Body: `{"object":"error","message":"Slow down","type":"rate_limited","param":null,"code":"1300"}`},
		{Name: "Mistral: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"object":"error","message":"Image, 'https://img.example/a b.png', could not be loaded as a valid image.","type":"invalid_request_file","param":null,"code":"3310"}`},

		{Name: "Groq: schema and tools", Status: 400, Want: provider.KindUnsupported, Body: `{"error":{"message":"json mode cannot be combined with tool/function calling","type":"invalid_request_error"}}`},
		{Name: "Groq: no tools", Status: 400, Want: provider.KindUnsupported, Body: "{\"error\":{\"message\":\"`tool calling` is not supported with this model\",\"type\":\"invalid_request_error\",\"param\":\"tool calling\"}}", OnlyStatus: true},
		{Name: "Groq: larger than a minute", Status: 413, Want: provider.KindContextTooLong, Body: `{"error":{"message":"Request too large for model m in organization o on tokens per minute (TPM): Limit 10, Requested 20.","type":"tokens","code":"rate_limit_exceeded"}}`},
		{Name: "Groq: no JSON", Status: 400, Want: provider.KindMalformed, Body: `{"error":{"message":"Failed to generate JSON.","type":"invalid_request_error","code":"json_validate_failed","failed_generation":"prompt is too long"}}`},
		{Name: "Groq: no call", Status: 400, Want: provider.KindMalformed, Body: `{"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<f>"}}`},

		{Name: "OpenRouter: credits", Status: 402, Want: provider.KindQuota, Body: `{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}`},
		{Name: "OpenRouter: no tools", Status: 404, Want: provider.KindUnsupported, Body: `{"error":{"message":"No endpoints found that support tool use.","code":404}}`},
		{Name: "OpenRouter: flagged", Status: 403, Want: provider.KindFiltered, Body: `{"error":{"message":"It was refused","code":403,"metadata":{"reasons":["x"],"flagged_input":"your api key is invalid","provider_name":"P","model_slug":"m"}}}`},
		{Name: "OpenRouter: key", Status: 401, Want: provider.KindAuth, Body: `{"error":{"message":"No auth credentials found","code":401}}`},
		{Name: "OpenRouter: its own code", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"Provider returned error","code":400,"metadata":{"error_type":"image_download_failed"}}}`},
		{Name: "OpenRouter: passed on", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"message":"Provider returned error","code":400,"metadata":{"provider_name":"P","raw":"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long: 20 tokens > 10 maximum\"}}"}}}`},
		{Name: "OpenRouter: passed on with a code", Status: 400, Want: provider.KindQuota, Body: `{"error":{"message":"Provider returned error","code":400,"metadata":{"provider_name":"P","raw":"{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"Pay\"}}"}}}`},
		{Name: "OpenRouter: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"error":{"message":"Provider returned error","code":429,"metadata":{"provider_name":"P","raw":"m is temporarily rate-limited upstream."}}}`},

		{Name: "Together: credit", Status: 402, Want: provider.KindQuota, Body: `{"error":{"message":"Credit limit exceeded, please go to the settings","type":"credit_limit","param":null,"code":null}}`},
		{Name: "Together: length", Status: 422, Want: provider.KindContextTooLong, Body: "{\"error\":{\"message\":\"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 10. Given: 20\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}"},
		{Name: "Together: no tools", Status: 400, Want: provider.KindUnsupported, Body: `{"error":{"message":"m does not support function calling","type":"invalid_request_error","param":"tools","code":"invalid_request"}}`},
		{Name: "Fireworks: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"object":"error","type":"invalid_request_error","message":"The prompt is too long: 20, model maximum context length: 10"}}`},
		{Name: "Fireworks: suspended", Status: 412, Want: provider.KindQuota, Body: `{"error":{"object":"error","type":"invalid_request_error","code":"PRECONDITION_FAILED","message":"Account me is suspended, possibly due to reaching the monthly spending limit"}}`},

		{Name: "xAI: credits", Status: 429, Want: provider.KindQuota, Body: `{"code":"Some resource has been exhausted","error":"Your team 1 has either used all available credits or reached its monthly spending limit."}`},
		{Name: "xAI: no credits yet", Status: 403, Want: provider.KindQuota, Body: `{"code":"The caller does not have permission to execute the specified operation","error":"Your newly created team doesn't have any credits yet."}`},
		{Name: "xAI: key", Status: 400, Want: provider.KindAuth, Body: `{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***ey."}`},
		{Name: "xAI: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"code":"invalid-argument","error":"This model's maximum prompt length is 10 but the request contains 20 tokens."}`},
		{Name: "xAI: filter", Status: 403, Want: provider.KindFiltered, Body: `{"code":"permission-denied","error":"Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_X"}`},
		{Name: "xAI: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"code":"invalid-argument","error":"Invalid PNG image"}`},

		{Name: "Zhipu: balance", Status: 429, Want: provider.KindQuota, Body: `{"error":{"code":"1113","message":"账户欠费"}}`},
		{Name: "Zhipu: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"code":"1261","message":"超长"}}`},
		{Name: "Zhipu: filter", Status: 400, Want: provider.KindFiltered, Body: `{"contentFilter":[{"level":1,"role":"user"}],"error":{"code":"1301","message":"敏感内容"}}`},
		{Name: "Zhipu: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"error":{"code":"1302","message":"并发"}}`},
		{Name: "Zhipu: day", Status: 429, Want: provider.KindQuota, Body: `{"error":{"code":"1304","message":"今日"}}`},
		{Name: "Zhipu: busy", Status: 429, Want: provider.KindOverloaded, Body: `{"error":{"code":"1312","message":"访问量"}}`},
		{Name: "Zhipu: locked", Status: 429, Want: provider.KindAuth, Body: `{"error":{"code":"1112","message":"锁定"}}`},
		{Name: "Zhipu: key", Status: 401, Want: provider.KindAuth, Body: `{"error":{"code":"1002","message":"非法"}}`},
		{Name: "Zhipu: a number as a number", Status: 429, Want: provider.KindQuota, Body: `{"error":{"code":1113,"message":"No money"}}`},

		{Name: "Moonshot: quota", Status: 403, Want: provider.KindQuota, Body: `{"error":{"message":"Your account is suspended","type":"exceeded_current_quota_error"}}`},
		{Name: "Moonshot: busy", Status: 429, Want: provider.KindOverloaded, Body: `{"error":{"message":"Try again later","type":"engine_overloaded_error"}}`},
		{Name: "Moonshot: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"error":{"message":"Your account reached max request","type":"rate_limit_reached_error"}}`},
		{Name: "Moonshot: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"message":"Invalid request: Your request exceeded model token limit: 10","type":"invalid_request_error"}}`},
		{Name: "Moonshot: filter", Status: 400, Want: provider.KindFiltered, Body: `{"error":{"message":"The request was rejected because it was considered high risk","type":"content_filter"}}`},
		{Name: "Moonshot: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"Unsupported image.","type":"invalid_request_error"}}`},
		{Name: "Moonshot: key", Status: 401, Want: provider.KindAuth, Body: `{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}`},
		{Name: "Kimi: usage", Status: 403, Want: provider.KindQuota, Body: `{"error":{"message":"You've reached your usage limit for this billing cycle.","type":"access_terminated_error"}}`},

		{Name: "DashScope: arrears", Status: 400, Want: provider.KindQuota, Body: `{"error":{"code":"Arrearage","param":null,"message":"Access denied, please make sure your account is in good standing.","type":"Arrearage"}}`},
		{Name: "DashScope: filter", Status: 400, Want: provider.KindFiltered, Body: `{"error":{"code":"data_inspection_failed","param":null,"message":"<400> InternalError.Algo.DataInspectionFailed: No","type":"data_inspection_failed"}}`},
		{Name: "DashScope: filter, native", Status: 400, Want: provider.KindFiltered, Body: `{"code":"DataInspectionFailed","message":"Input data may contain inappropriate content.","request_id":"r"}`},
		{Name: "DashScope: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"code":"Throttling.RateQuota","message":"Too fast","request_id":"r"}`},
		{Name: "DashScope: tokens a minute", Status: 429, Want: provider.KindRateLimited, Body: `{"code":"Throttling.AllocationQuota","message":"Too many","request_id":"r"}`},
		{Name: "DashScope: free tier", Status: 403, Want: provider.KindQuota, Body: `{"error":{"code":"AllocationQuota.FreeTierOnly","message":"It is used up.","type":"AllocationQuota.FreeTierOnly"}}`},
		{Name: "DashScope: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"code":"invalid_parameter_error","param":null,"message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 10]","type":"invalid_request_error"}}`},
		{Name: "DashScope: image at an address", Status: 400, Want: provider.KindInvalidMedia, Body: `{"code":"InvalidParameter.DataInspection","message":"It cannot be had","request_id":"r"}`},
		{Name: "DashScope: a slow address", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"code":"invalid_parameter_error","param":null,"message":"<400> InternalError.Algo.InvalidParameter: Download multimodal file timed out","type":"invalid_request_error"}}`},
		{Name: "DashScope: no files", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"code":"invalid_parameter_error","param":null,"message":"<400> InternalError.Algo.InvalidParameter: Invalid value: file. Supported values are: 'text','image_url'.","type":"invalid_request_error"}}`},
		{Name: "DashScope: key", Status: 401, Want: provider.KindAuth, Body: `{"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"r"}`},

		{Name: "MiniMax: balance", Status: 200, Want: provider.KindQuota, Body: `{"id":"1","choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}`},
		{Name: "MiniMax: key", Status: 200, Want: provider.KindAuth, Body: `{"base_resp":{"status_code":1004,"status_msg":"no"}}`},
		{Name: "MiniMax: filter", Status: 200, Want: provider.KindFiltered, Body: `{"base_resp":{"status_code":1026,"status_msg":"no"}}`},
		{Name: "MiniMax: rate", Status: 200, Want: provider.KindRateLimited, Body: `{"base_resp":{"status_code":1002,"status_msg":"no"}}`},
		{Name: "MiniMax: length", Status: 200, Want: provider.KindContextTooLong, Body: `{"base_resp":{"status_code":2013,"status_msg":"invalid params, context window exceeds limit"}}`},
		{Name: "MiniMax: mistake", Status: 200, Want: provider.KindInvalidRequest, Body: `{"base_resp":{"status_code":2013,"status_msg":"invalid params"}}`},

		{Name: "Cohere: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"id":"1","message":"too many tokens: total number of tokens in the prompt cannot exceed 10 - received 20."}`},
		{Name: "Cohere: key", Status: 401, Want: provider.KindAuth, Body: `{"id":"1","message":"invalid api token"}`, OnlyStatus: true},
		{Name: "Cohere: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"id":"1","message":"trial token rate limit exceeded, limit is 10 tokens per minute"}`, OnlyStatus: true},
		{Name: "Perplexity: quota", Status: 401, Want: provider.KindQuota, Body: `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":401}}`},
		{Name: "Perplexity: key", Status: 401, Want: provider.KindAuth, Body: `{"error":{"message":"Invalid API key provided.","type":"invalid_api_key","code":401}}`},

		{Name: "vLLM: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 8. This model's maximum context length is 10 tokens and your request has 9 input tokens.","type":"BadRequestError","param":null,"code":400}}`},
		{Name: "vLLM: no room", Status: 400, Want: provider.KindContextTooLong, Body: `{"object":"error","message":"max_tokens must be at least 1, got -5973.","type":"BadRequestError","param":null,"code":400}`},
		{Name: "vLLM: no tools", Status: 400, Want: provider.KindUnsupported, Body: `{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400}`},
		{Name: "vLLM: no images", Status: 400, Want: provider.KindInvalidMedia, Body: `{"object":"error","message":"m is not a multimodal model","type":"BadRequestError","param":null,"code":400}`},
		{Name: "vLLM: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"object":"error","message":"cannot identify image file <_io.BytesIO object at 0x7f>","type":"BadRequestError","param":null,"code":400}`},
		{Name: "SGLang: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"object":"error","message":"The input (20 tokens) is longer than the model's context length (10 tokens).","type":"BadRequest","param":null,"code":400}`},
		{Name: "llama.cpp: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"code":400,"message":"It does not fit","type":"exceed_context_size_error","n_prompt_tokens":20,"n_ctx":10}}`},
		{Name: "llama.cpp: loading", Status: 503, Want: provider.KindOverloaded, Body: `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`},
		{Name: "llama.cpp: no tools", Status: 500, Want: provider.KindUnsupported, Body: `{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}`},
		{Name: "llama.cpp: no images", Status: 500, Want: provider.KindInvalidMedia, Body: `{"error":{"code":500,"message":"image input is not supported - hint: you may need the mmproj","type":"server_error"}}`},
		{Name: "llama.cpp: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"code":400,"message":"Failed to load image or audio file","type":"invalid_request_error"}}`},
		{Name: "Ollama: no tools", Status: 400, Want: provider.KindUnsupported, Body: `{"error":{"message":"registry.ollama.ai/library/m:2b does not support tools","type":"api_error","param":null,"code":null}}`},
		{Name: "Ollama: image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"illegal base64 data at input byte 4","type":"invalid_request_error","param":null,"code":null}}`},
		{Name: "LM Studio: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":"The number of tokens to keep from the initial prompt is greater than the context length."}`},
		{Name: "LM Studio: no images", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":"Model does not support images. Please use a model that does."}`},

		{Name: "LiteLLM: budget", Status: 400, Want: provider.KindQuota, Body: `{"error":{"message":"Budget has been exceeded! Current cost: 2.0, Max budget: 1.0","type":"budget_exceeded","param":null,"code":"400"}}`},
		{Name: "LiteLLM: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: AnthropicException - {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long: 20 tokens > 10 maximum\"}}. Received Model Group=m","type":null,"param":null,"code":"400"}}`},
		{Name: "LiteLLM: bytes", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"litellm.BadRequestError: AnthropicException - b'{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Could not process image\"}}'. Received Model Group=m","type":null,"param":null,"code":"400"}}`},
		{Name: "LiteLLM: rate", Status: 429, Want: provider.KindRateLimited, Body: `{"error":{"message":"litellm.RateLimitError: RateLimitError: OpenAIException - Slow down","type":"throttling_error","param":null,"code":"429"}}`},
		{Name: "Cloudflare: day", Status: 429, Want: provider.KindQuota, Body: `{"result":null,"success":false,"errors":[{"code":3036,"message":"You have used it up"}],"messages":[]}`},
		{Name: "Cloudflare: capacity", Status: 429, Want: provider.KindOverloaded, Body: `{"result":null,"success":false,"errors":[{"code":3040,"message":"It is full"}],"messages":[]}`},
		{Name: "Cloudflare: length", Status: 413, Want: provider.KindContextTooLong, Body: `{"result":null,"success":false,"errors":[{"code":5021,"message":"AiError: The estimated number of input and maximum output tokens (20) exceeded this model context window limit (10)."}],"messages":[]}`},
		{Name: "Vercel: money", Status: 402, Want: provider.KindQuota, Body: `{"error":{"message":"Top up","type":"insufficient_funds"}}`},
		{Name: "Hugging Face: credits", Status: 402, Want: provider.KindQuota, Body: `{"error":"You have exceeded your monthly included credits for Inference Providers."}`},
		{Name: "Hugging Face: busy", Status: 429, Want: provider.KindOverloaded, Body: `{"error":"It is full","error_type":"overloaded"}`},
		{Name: "Hugging Face: length", Status: 422, Want: provider.KindContextTooLong, Body: "{\"error\":\"Input validation error: `inputs` must have less than 10 tokens. Given: 20\",\"error_type\":\"validation\"}"},
		{Name: "GitHub Models: length", Status: 413, Want: provider.KindContextTooLong, Body: `{"error":{"code":"tokens_limit_reached","message":"Request body too large for m. Max size: 10 tokens."}}`},
		{Name: "GitHub Copilot: length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"code":"model_max_prompt_tokens_exceeded","message":"prompt token count of 20 exceeds the limit of 10"}}`},
		{Name: "StepFun: filter", Status: 451, Want: provider.KindFiltered, Body: `{"error":{"message":"No","type":"censorship_blocked"}}`, OnlyStatus: true},
		{Name: "FastAPI: schema", Status: 422, Want: provider.KindUnsupported, OnlyStatus: true, Body: `{"detail":[{"type":"literal_error","loc":["body","response_format","type"],"msg":"Input should be 'text'","input":"prompt is too long"}]}`},
		{Name: "FastAPI: what was sent", Status: 422, Want: provider.KindInvalidRequest, OnlyStatus: true, Body: `{"detail":[{"type":"missing","loc":["body","model"],"msg":"Field required","input":{"messages":"response_format. prompt is too long. insufficient balance"}}]}`},
	})
}

func TestResponsesKinds(t *testing.T) {
	adaptertest.Kinds(t, responses, []adaptertest.Kind{
		{Name: "length", Status: 400, Want: provider.KindContextTooLong, Body: `{"error":{"message":"No","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}`},
		{Name: "image", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"No","type":"invalid_request_error","param":"input","code":"invalid_base64_image"}}`},
		{Name: "file", Status: 400, Want: provider.KindInvalidMedia, Body: `{"error":{"message":"The file type you uploaded is not supported.","type":"invalid_request_error","param":"input","code":"unsupported_file"}}`},
		{Name: "quota", Status: 429, Want: provider.KindQuota, Body: `{"error":{"message":"No","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`},
	})
}

// TestResponsesKindsInEvents has the API report failures in its streams.
func TestResponsesKindsInEvents(t *testing.T) {
	for code, want := range map[string]provider.ErrorKind{
		"rate_limit_exceeded":            provider.KindRateLimited,
		"server_error":                   provider.KindUnavailable,
		"invalid_image":                  provider.KindInvalidMedia,
		"image_parse_error":              provider.KindInvalidMedia,
		"failed_to_download_image":       provider.KindInvalidMedia,
		"unsupported_image_media_type":   provider.KindInvalidMedia,
		"image_content_policy_violation": provider.KindFiltered,
		"context_length_exceeded":        provider.KindContextTooLong,
	} {
		for name, event := range map[string]string{
			"failed": `{"type":"response.failed","response":{"id":"r","status":"failed","output":[],"error":{"code":"` + code + `","message":"No"}}}`,
			"error":  `{"type":"error","code":"` + code + `","message":"No","param":null,"sequence_number":3}`,
		} {
			t.Run(code+" "+name, func(t *testing.T) {
				address := adaptertest.Serve(t, adaptertest.Says(200, "text/event-stream", responses.StreamHead+"data: "+event+"\n\n"))
				_, err := responses.NewProvider(nil, address, "key-0123456789").Generate(t.Context(), adaptertest.Question, nil)
				if e := adaptertest.Failure(t, err); e.Kind != want {
					t.Errorf("want %s: %v", want, e)
				}
			})
		}
	}
}
