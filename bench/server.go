package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
)

// runServer speaks the scripts of all rows on a loopback port, prints its address to out, and
// returns at the end of in. It is no net/http server but canned replies, each written at
// once. Of a request it reads the row's name, in the path, and how many turns the model has
// had.
func runServer(in io.Reader, out io.Writer) error {
	replies := make(map[string][][]byte)
	for _, r := range rows {
		if r.script != nil {
			replies[r.name] = r.script().replies(r.stream)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	if _, err := fmt.Fprintf(out, "http://%s\n", l.Addr()); err != nil {
		return err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the server ends
			}
			go answer(conn, replies)
		}
	}()
	_, err = io.Copy(io.Discard, in)
	return err
}

// answer serves one connection until the client closes it.
func answer(conn net.Conn, replies map[string][][]byte) {
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 64<<10)
	var body []byte
	for {
		row, size, err := readHead(r)
		if err != nil {
			return
		}
		if size > cap(body) {
			body = make([]byte, size)
		}
		body = body[:size]
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		since := body
		for at := 0; at >= 0; at = bytes.Index(since, []byte(`"role":"user"`)) { // faster than LastIndex
			since = since[at+1:]
		}
		turns := replies[row]
		turn := min(bytes.Count(since, []byte(`"tool_calls"`)), len(turns)-1)
		if _, err := conn.Write(turns[turn]); err != nil {
			return
		}
	}
}

// readHead reads the head of a request: the first segment of its path and the length of its
// body.
func readHead(r *bufio.Reader) (row string, size int, err error) {
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return "", 0, err
		}
		if first {
			_, path, _ := bytes.Cut(line, []byte(" /"))
			segment, _, _ := bytes.Cut(path, []byte("/"))
			row = string(segment)
		}
		if length, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if size, err = strconv.Atoi(string(bytes.TrimSpace(length))); err != nil {
				return "", 0, err
			}
		}
		if len(line) <= len("\r\n") {
			return row, size, nil
		}
	}
}
