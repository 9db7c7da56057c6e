/**
 * Which platform does a Core run on? The one that it was told, or none.
 *
 * It is never guessed and never replaced by another: a Core that fell back to simulated hardware would hold secrets on a
 * machine that protects nothing (S15).
 */
import type { Network } from '@enigma/protocol'
import type { CoreConfig } from '../calls.ts'
import type { Platform, PlatformKind } from './platform.ts'
import { PlatformError } from './platform-error.ts'

/** Throws unless network and platform are both simulated, or both real: the network's hash tells which. */
export function checkFits(network: Pick<Network, 'simulated'>, kind: PlatformKind): void {
  if (network.simulated !== (kind === 'simulated')) throw new PlatformError('WRONG_PLATFORM')
}

/** Each is loaded only where it is used: hardware needs no simulated authority, and the other way round. */
export async function createPlatform({ network, platform, platformName = '' }: CoreConfig): Promise<Platform> {
  checkFits(network, platform)
  switch (platform) {
    case 'simulated':
      return (await import('./simulated.ts')).createSimulatedPlatform(platformName)
    case 'gramine-sgx':
      return (await import('./gramine-sgx.ts')).createGramineSgxPlatform()
    case 'tdx':
      return (await import('./tdx.ts')).createTdxPlatform()
  }
}
