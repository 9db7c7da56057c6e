/** Whose code does an account run that has given it away (EIP-7702)? */
import { isDelegation } from './code.ts'
import { BYTES } from './facts.ts'
import { hasDelegation } from './schedule.ts'

/** Whether `code` is a pointer; then the account it points to is written to `to`. */
export function findDelegate(code: usize, to: usize): bool {
  if (!hasDelegation() || !isDelegation(code)) return false
  const address = <usize>load<u32>(code, BYTES) + 3
  store<u64>(to, bswap<u64>(load<u64>(address, 12)))
  store<u64>(to, bswap<u64>(load<u64>(address, 4)), 8)
  store<u64>(to, <u64>bswap<u32>(load<u32>(address)), 16)
  store<u64>(to, 0, 24)
  return true
}
