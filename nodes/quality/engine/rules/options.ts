/** The conventions as they hold when nobody says otherwise, and what is no sensible convention. */
import { NELSON_RULES, type RuleId, type RuleOptions, WESTERN_ELECTRIC_RULES } from './contract.ts'

const DEFAULTS: RuleOptions = {
  on: ['nelson-1'],
  beyond: 'strict',
  nelson2Length: 9,
  nelson3Length: 6,
  nelson4Length: 14,
  nelson7Length: 15,
  nelson8Length: 8,
  nelson8Sides: 'both',
  westernElectric4Length: 8,
  zoneFlags: 'beyond',
  zoneWindows: 'partial',
  zones: 'local',
  zoneRulesOn: 'symmetric',
  restartsAtMissing: true,
  restartsAtExcluded: true,
}

const WORDS: Partial<Record<keyof RuleOptions, readonly string[]>> = {
  beyond: ['strict', 'inclusive'],
  nelson8Sides: ['both', 'either'],
  zoneFlags: ['beyond', 'window'],
  zoneWindows: ['partial', 'full'],
  zones: ['local', 'mean-size'],
  zoneRulesOn: ['symmetric', 'every-chart'],
}
const LENGTHS = ['nelson2Length', 'nelson3Length', 'nelson4Length', 'nelson7Length', 'nelson8Length', 'westernElectric4Length'] as const
/** What a stream keeps of the past is bounded by it. */
const LONGEST = 100
const KNOWN: ReadonlySet<string> = new Set<RuleId>([...NELSON_RULES, ...WESTERN_ELECTRIC_RULES, 'beyond-limits'])

/** Rules that count points in zones of one or two sigma. */
const ZONE_RULES: ReadonlySet<RuleId> = new Set<RuleId>(['nelson-5', 'nelson-6', 'nelson-7', 'nelson-8', 'western-electric-2', 'western-electric-3'])

/** @returns every convention; or what is wrong, as a sentence */
export function settleRules(asked: Partial<RuleOptions> = {}): RuleOptions | string {
  const stranger = Object.keys(asked).find((name) => !Object.hasOwn(DEFAULTS, name))
  if (stranger !== undefined) return `There is no convention "${stranger}". There are ${Object.keys(DEFAULTS).slice(1).join(', ')}.`
  const rules: RuleOptions = { ...DEFAULTS, ...asked }
  const unknown = rules.on.find((rule) => !KNOWN.has(rule))
  if (unknown !== undefined)
    return `There is no rule "${unknown}". The rules are ${NELSON_RULES[0]} to ${NELSON_RULES.at(-1)} and western-electric-1 to western-electric-4.`
  for (const name of LENGTHS) {
    const length = rules[name]
    if (!Number.isInteger(length) || length < 2 || length > LONGEST) return `${name} must be a whole number from 2 to ${LONGEST}, not ${length}.`
  }
  for (const name of ['restartsAtMissing', 'restartsAtExcluded'] as const)
    if (typeof rules[name] !== 'boolean') return `${name} must be true or false, not ${rules[name]}.`
  for (const [name, words] of Object.entries(WORDS)) {
    const word = String(rules[name as keyof RuleOptions])
    if (!words.includes(word)) return `${name} must be ${words.join(' or ')}, not ${word}.`
  }
  return { ...rules, on: [...new Set(rules.on)] }
}

/** The rules that are tested where the distribution is symmetric, or not. */
export const rulesFor = (rules: RuleOptions, isSymmetric: boolean): readonly RuleId[] =>
  isSymmetric || rules.zoneRulesOn === 'every-chart' ? rules.on : rules.on.filter((rule) => !ZONE_RULES.has(rule))
