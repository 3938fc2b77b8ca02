/** The points of a chart as a table, for who does not see the picture or wants the numbers. */
import type { CharacteristicDefinition, ChartView } from '../../../server/api/quality/index.ts'
import { panelInWords, ruleName, useChartsText, useFormats } from '../use-quality-text.ts'
import { digitsOf, rulesAt } from './model.ts'

const SHOWN = 200

export function ChartTable({ view, definition, onChoose }: { view: ChartView; definition: CharacteristicDefinition; onChoose: (index: number) => void }) {
  const text = useChartsText()
  const { chart: words } = text
  const format = useFormats()
  const count = view.points.subgroup.length
  const indices = Array.from({ length: Math.min(SHOWN, count) }, (_, index) => count - 1 - index)
  const remarks = (index: number) => [
    ...(view.points.outOfTolerance[index] ? [words.legend.outOfTolerance] : []),
    ...(view.points.excluded[index] ? [words.legend.excluded] : []),
  ]
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
    <section className="quality-scroll" tabIndex={0} aria-label={words.table}>
      <table className="quality-table cw-numbers" data-testid="chart-table">
        <caption>{words.newestFirst(format.number(indices.length))}</caption>
        <thead>
          <tr>
            <th scope="col">{words.tableColumns.point}</th>
            <th scope="col">{words.tableColumns.at}</th>
            {view.charts.map(({ name }) => (
              <th key={name} scope="col">
                {panelInWords(text, name)}
              </th>
            ))}
            <th scope="col">{words.tableColumns.signals}</th>
            <th scope="col">{words.tableColumns.remarks}</th>
          </tr>
        </thead>
        <tbody>
          {indices.map((index) => (
            <tr key={view.points.subgroup[index]}>
              <th scope="row">
                <button type="button" className="quality-link" onClick={() => onChoose(index)}>
                  {view.points.subgroup[index]}
                </button>
              </th>
              <td>{format.dateTime(new Date(view.points.at[index] ?? 0))}</td>
              {view.charts.map(({ name, value }) => (
                <td key={name}>{typeof value[index] === 'number' ? format.number(value[index], digitsOf(name, definition.decimals)) : ''}</td>
              ))}
              <td>{[...new Set(rulesAt(view, index).map(({ rule }) => ruleName(text, rule)))].join(', ')}</td>
              <td>{remarks(index).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
