/** What a run caused and met outside of the flow, with the way there. */
import { Cog, FileCheck2, FileCode2, Hand, Package, Ruler, Server } from 'lucide-react'
import type { Run } from '../../server/api/runs.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useRunWords } from '../shared/text/server-words.ts'
import { useRunsText } from './use-runs-text.ts'

type Link = Run['links'][number]
const ICONS = { job: Cog, program: FileCode2, confirmation: FileCheck2, workOrder: Package, press: Hand, measurement: Ruler, process: Server }

/** The page that shows it; for some kinds the words are all there is. */
function addressOf({ kind, id }: Link): string | undefined {
  switch (kind) {
    case 'job':
      return `/jobs#${encodeURIComponent(id)}`
    case 'program':
      return id.startsWith('prg_') ? `/programs#${encodeURIComponent(id)}` : `/jobs#${encodeURIComponent(id)}`
    case 'process':
      return id.startsWith('run_') ? `#${id}` : undefined
    case 'confirmation':
    case 'workOrder':
    case 'press':
    case 'measurement':
      return undefined
  }
}

export function RunLinks({ links }: { links: Run['links'] }) {
  const text = useRunsText()
  const format = formats(useLanguage())
  const { part } = useRunWords()
  return (
    <section>
      <h3>{text.links}</h3>
      <ul className="runs-links">
        {links.map((link) => {
          const Icon = ICONS[link.kind]
          const address = addressOf(link)
          return (
            <li key={`${link.kind} ${link.id} ${link.at} ${link.text}`}>
              <Icon size={18} aria-hidden />
              <strong>{text.kind[link.kind]}</strong>
              <span>{address === undefined ? part(link.text) : <a href={address}>{part(link.text)}</a>}</span>
              <time className="cw-numbers" dateTime={link.at}>
                {format.time(link.at)}
              </time>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
