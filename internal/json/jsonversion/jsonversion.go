// Package jsonversion compares versions of stored JSON, written as major.minor.
package jsonversion

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrNewer is the error of JSON that has a newer version than the program knows.
var ErrNewer = errors.New("newer than this program")

// CheckMajor returns an error if a program that knows one version cannot read JSON of
// another: it is no version, or its major number is higher.
func CheckMajor(version, known string) error {
	if version == known {
		return nil
	}
	v, k, err := parse(version, known)
	switch {
	case err != nil:
		return err
	case v[0] > k[0]:
		return fmt.Errorf("version %s is %w, which reads versions %d.x: upgrade github.com/funcall/funcall", version, ErrNewer, k[0])
	}
	return nil
}

// IsNewer reports whether version is higher than known.
func IsNewer(version, known string) (bool, error) {
	v, k, err := parse(version, known)
	return slices.Compare(v, k) > 0, err
}

func parse(version, known string) (v, k []uint64, err error) {
	if v, err = numbers(version); err == nil {
		k, err = numbers(known)
	}
	return v, k, err
}

func numbers(version string) ([]uint64, error) {
	major, minor, ok := strings.Cut(version, ".")
	n, err1 := strconv.ParseUint(major, 10, 16)
	m, err2 := strconv.ParseUint(minor, 10, 16)
	if !ok || err1 != nil || err2 != nil || n == 0 {
		return nil, fmt.Errorf("%.20q is no version", version)
	}
	return []uint64{n, m}, nil
}
