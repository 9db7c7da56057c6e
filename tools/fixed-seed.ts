// Property tests draw from a fixed seed: a red test is red again when it is run again. `npm run fuzz` draws new ones.
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1) })
