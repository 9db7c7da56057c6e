/** The seeds over HTTP, for whoever wants to post or check one. */
import type { SeedStore } from './seeds.ts'
import { type Route, refusal } from './server.ts'

export function seedRoute(seeds: Pick<SeedStore, 'find' | 'latest'>): Route {
  return {
    method: 'GET',
    paths: '/v1/seeds/latest, /v1/seeds/{epoch}',
    answer: (path) => {
      const epoch = /^\/v1\/seeds\/(latest|[0-9]{1,8})$/.exec(path)?.[1]
      if (epoch === undefined) return undefined
      const record = epoch === 'latest' ? seeds.latest() : seeds.find(Number(epoch))
      return record ? { status: 200, body: record } : refusal(404, 'NO_SEED', 'No seed was drawn for this epoch.')
    },
  }
}
