package openai

import (
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
)

// setUsage reads the usage and the cost in it. A count that is missing or null keeps its
// earlier value.
func (a *answer) setUsage() {
	s := &a.scan
	u := &a.usage
	var total int64
	read := int64(-1) // the largest value among its names
	for key := range s.Object() {
		switch string(key) {
		case "prompt_tokens":
			wire.SetTokens(s, &u.Input)
		case "completion_tokens":
			wire.SetTokens(s, &u.Output)
		case "total_tokens":
			total = wire.Tokens(s)
		case "prompt_cache_hit_tokens", // DeepSeek
			"cached_tokens",           // Moonshot
			"cache_read_input_tokens": // gateways to Anthropic
			read = max(read, cacheRead(s))
		case "cache_creation_input_tokens":
			wire.SetTokens(s, &u.CacheWrite)
		case "prompt_tokens_details":
			for key := range s.Object() {
				switch string(key) {
				case "cached_tokens":
					read = max(read, cacheRead(s))
				case "cache_write_tokens":
					wire.SetTokens(s, &u.CacheWrite)
				}
			}
		case "completion_tokens_details":
			for key := range s.Object() {
				if string(key) == "reasoning_tokens" {
					wire.SetTokens(s, &u.Reasoning)
				}
			}
		default:
			a.bill.read(key, s)
		}
	}
	if read >= 0 {
		u.CacheRead = read
	}
	// Some servers leave reasoning out of completion_tokens; the total has it.
	u.Output = max(u.Output, total-u.Input)
}

// cacheRead reads a number of tokens, or returns -1.
func cacheRead(s *jsonscan.Scanner) int64 {
	n := int64(-1)
	wire.SetTokens(s, &n)
	return n
}
