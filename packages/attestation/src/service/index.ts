/** The Attestation service as a part: for its own `main.ts`, tests and the local network. */
export { ConfigError, options, parseConfig, type ServiceConfig } from './config.ts'
export { type EvidenceDomain, verdictDigest } from './evidence.ts'
export { createLog, type Log } from './log.ts'
export { type Problem, type ProblemCode, ProblemError } from './problem.ts'
export { type AttestationService, type ServiceParts, startAttestationService } from './service.ts'
