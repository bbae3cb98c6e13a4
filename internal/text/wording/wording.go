// Package wording has the texts that package transcript and the agent both write.
package wording

// InDoubt tells the model that a call may have been done.
const InDoubt = "It is not known whether this was done. Do not call it again; say that it is being checked."

// ClosingText is the default closing text of a run that reached a limit.
const ClosingText = "I am sorry, I could not finish this. Please ask again, or in smaller steps."

// WaitingText is the default answer of a run that waits for a person.
const WaitingText = "This has to be approved by a person first. I will continue once that is done."

// SpentText is the default closing text of a run whose budget is spent.
const SpentText = "I am sorry, I cannot answer at the moment. Please try again later."
