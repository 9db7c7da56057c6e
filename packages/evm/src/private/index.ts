/** A private function on proven state: what Core runs and signs, and what a simulation runs to show it beforehand. */
export { CAPS, type Caps } from './caps.ts'
export { blockHashSlot } from './history.ts'
export type { Halt, Outcome } from './outcome.ts'
export { type AnswerFacts, type GenerationSecret, PrivateAnswers } from './private-answers.ts'
export {
  answerBytes,
  type HeardCall,
  hear,
  mentionsPrivateCalls,
  type PrivateCall,
  type PrivateRefusal,
  refuse,
} from './private-call.ts'
export { isPending, PrivateRun, type PrivateRunOptions, type PrivateTask, type Traced } from './private-run.ts'
export { NoBlockHashError, ProvenView } from './proven-view.ts'
export { askCallable, askPrefetch, isDelegation } from './questions.ts'
export type { PendingCall, PrivateSteps, Proven, Steps, StorageSlot, Wanted } from './steps.ts'
