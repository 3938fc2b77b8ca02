/** Why a provider's answer was refused: its code stands in the address, its words here. What is not known by its code is never shown. */
import { germanRefusal } from '../shared/text/de/refusals.ts'
import { providerRefusals } from '../shared/text/en/provider-refusals.ts'
import { language } from '../shared/text/index.ts'

/** @returns undefined where the address speaks of none */
export function refusedText(search: string): { code: string; text: string } | undefined {
  const given = new URLSearchParams(search).get('refused')
  if (given === null) return undefined
  const code = Object.hasOwn(providerRefusals, given) ? given : 'sign-in-unproven'
  const english = providerRefusals[code as keyof typeof providerRefusals]
  return { code, text: (language() === 'de' ? germanRefusal(code, {}, english) : undefined) ?? english }
}
