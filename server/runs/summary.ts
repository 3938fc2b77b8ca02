/** What a run came to, in one sentence for a person. */
import type { Run } from '../api/index.ts'

type Link = Run['links'][number]
const MAX_CHARACTERS = 400
const MAX_OF_A_KIND = 3

/** What the sentence is made of. */
export interface RunFacts {
  trigger: Run['trigger']
  state: Run['state']
  hops: number
  links: readonly Pick<Link, 'kind' | 'text'>[]
  /** How it ended, in the runtime's or gateway's words. */
  endText?: string | undefined
}

/** Links that tell what happened, in the order in which it does; the others only lead somewhere. */
const TOLD: readonly Link['kind'][] = ['workOrder', 'program', 'measurement', 'confirmation', 'process']

/** E.g. `Button "Cut part" pressed by Ann; pocket.nc ran 640 lines on Mill 1; bore diameter 12.01 mm is in tolerance; confirmed to Shop folder`. */
export function summarize({ trigger, state, hops, links, endText }: RunFacts): string {
  const press = links.find((link) => link.kind === 'press')
  const parts = [press?.text ?? `Started by ${trigger.nodeName ? `"${trigger.nodeName}"` : trigger.nodeType}`]
  const told = TOLD.flatMap((kind) => {
    const texts = [...new Set(links.filter((link) => link.kind === kind).map((link) => link.text))]
    const more = texts.length - MAX_OF_A_KIND
    return more > 0 ? [...texts.slice(0, MAX_OF_A_KIND), `${more} more of the kind`] : texts
  })
  if (told.length) parts.push(...told)
  else if (hops) parts.push(hops === 1 ? '1 step' : `${hops} steps`)
  // a reason that stands there already needs no saying twice
  if (endText && !told.includes(endText)) parts.push(state === 'failed' ? `failed: ${endText}` : state === 'interrupted' ? `interrupted: ${endText}` : endText)
  const sentence = parts.join('; ')
  return sentence.length > MAX_CHARACTERS ? `${sentence.slice(0, MAX_CHARACTERS - 1)}…` : sentence
}
