/** What stands at the top of every report of a characteristic. */
import type { CharacteristicDefinition } from '../../api/index.ts'
import type { ReportContent } from './contract.ts'
import type { ReportWords } from './words/index.ts'

/** Facts in so many columns of a name and what it is. */
export function factsTable(facts: readonly (readonly [string, string | undefined])[], columns = 3): ReportContent {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined && fact[1] !== '')
  const rows = []
  for (let i = 0; i < known.length; i += columns)
    rows.push(
      Array.from({ length: columns }, (_, column) => known[i + column]).flatMap((fact) => [
        { text: fact?.[0] ?? '', style: 'label' },
        { text: fact?.[1] ?? '' },
      ]),
    )
  return rows.length
    ? { layout: 'facts', table: { widths: Array.from({ length: columns }, () => ['auto', '*']).flat(), body: rows }, margin: [0, 0, 0, 6] }
    : ''
}

export function toleranceText({ lower, upper, decimals }: Pick<CharacteristicDefinition, 'lower' | 'upper' | 'decimals'>, words: ReportWords): string {
  const { number } = words.formats
  if (lower === null) return upper === null ? words.open : words.atMost(number(upper, decimals))
  return upper === null ? words.atLeast(number(lower, decimals)) : words.fromTo(number(lower, decimals), number(upper, decimals))
}

/** What is measured, and how it is judged. */
export function definitionFacts(definition: CharacteristicDefinition, revision: number, words: ReportWords): [string, string | undefined][] {
  const { facts, formats } = words
  const { decimals, unit, nominal } = definition
  return [
    [facts.characteristic, definition.name],
    [facts.part, [definition.part, definition.partRevision].filter(Boolean).join(' / ') || undefined],
    [facts.feature, definition.feature],
    [facts.operation, definition.operation],
    [facts.nominal, nominal === null ? undefined : `${formats.number(nominal, decimals)} ${unit}`.trim()],
    [facts.tolerance, `${toleranceText(definition, words)} ${unit}`.trim()],
    [facts.chart, words.kinds[definition.chart.kind]],
    [facts.subgroup, formats.integer(definition.chart.subgroupSize)],
    [facts.definition, words.definitionOf(revision)],
  ]
}

/** A table with a grey head; cells are text, or content of their own. */
export function tableOf(head: readonly string[], rows: readonly (readonly (string | ReportContent)[])[], widths?: readonly (string | number)[]): ReportContent {
  return {
    layout: 'report',
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: [...(widths ?? head.map(() => 'auto'))] as never,
      body: [head.map((text) => ({ text, style: 'head' })), ...rows.map((row) => [...row])] as never,
    },
    margin: [0, 0, 0, 6],
  }
}
