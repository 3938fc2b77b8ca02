/** Every word a connector is declared with has its German, and the German catalogue has no word that nothing says. */
import { expect, it } from 'vitest'
import { CONNECTORS } from '../adapters/index.ts'
import { connectorTexts, germanOf } from '../editor/shared/text/de/connectors.ts'

/** s, 8883 and the like are the same in every language. */
const isLanguage = (text: string) => /\p{L}{2}/u.test(text)

/** Everything a person reads of a kind of system. */
function textsOf({ label, summary, use, promises, settings, secrets }: (typeof CONNECTORS)[number]): string[] {
  const properties = Object.values(JSON.parse(JSON.stringify(settings.properties)) as Record<string, Record<string, unknown>>)
  return [
    label,
    summary,
    use,
    ...promises,
    ...secrets.flatMap((secret) => [secret.title, secret.description ?? '']),
    ...properties.flatMap(({ title, description = '', unit = '', labels = {} }) => [title, description, unit, ...Object.values(labels as object)].map(String)),
  ].filter(isLanguage)
}

it.each(CONNECTORS.map((connector) => ({ id: connector.id, connector })))('says everything of $id in German', ({ connector }) => {
  expect(
    textsOf(connector).filter((text) => germanOf(text) === undefined),
    'add them to editor/shared/text/de/connectors.ts',
  ).toEqual([])
})

it('has no German for what nothing says', () => {
  const said = new Set(CONNECTORS.flatMap(textsOf))
  expect(Object.keys(connectorTexts).filter((text) => isLanguage(text) && !said.has(text))).toEqual([])
})
