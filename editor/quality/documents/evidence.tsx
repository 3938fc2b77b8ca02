/** What a document is based on, and what follows from it. */
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { EVIDENCE_KINDS, type Evidence as Link } from '../../../server/api/quality/documents/content.ts'
import { listDocuments, type QualityDocument } from '../../../server/api/quality/documents/routes.ts'
import { listSignals } from '../../../server/api/quality/signals.ts'
import { call } from '../../shared/api.ts'
import { useLoad } from '../../shared/use-load.ts'
import { charPlace } from '../address.ts'
import { hashOf } from '../section.ts'
import { useDocumentsText } from './use-documents-text.ts'

/** Where a piece of evidence can be looked at; undefined where there is no page of it. */
function addressOf({ kind, id }: Link): string | undefined {
  if (kind === 'document') return `#${hashOf('documents', id)}`
  if (kind === 'run') return `/runs#${id}`
  if (kind === 'characteristic') return `#${hashOf('characteristics', charPlace(id))}`
  return undefined
}

export function EvidenceList({
  links,
  isFixed,
  onChange,
  self,
}: {
  links: readonly Link[]
  isFixed: boolean
  onChange: (links: Link[]) => void
  self: string
}) {
  const { detail: text, evidence } = useDocumentsText()
  const [isAdding, setAdding] = useState(false)
  return (
    <section className="document-evidence" id="document-links">
      <h3>{text.evidence}</h3>
      {links.length === 0 && <p className="quality-dim">{text.noEvidence}</p>}
      <ul>
        {links.map((link) => {
          const address = addressOf(link)
          return (
            <li key={`${link.kind} ${link.id}`}>
              <span>
                <small>{evidence[link.kind]}</small>
                {address ? <a href={address}>{link.text || link.id}</a> : link.text || link.id}
              </span>
              {!isFixed && (
                <button
                  type="button"
                  className="document-icon-button"
                  aria-label={text.removeEvidence(link.text || link.id)}
                  onClick={() => onChange(links.filter((one) => one !== link))}
                >
                  <X size={16} aria-hidden />
                </button>
              )}
            </li>
          )
        })}
      </ul>
      {!isFixed && !isAdding && (
        <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={() => setAdding(true)} data-testid="evidence-add">
          {text.addEvidence}
        </Button>
      )}
      {isAdding && (
        <AddEvidence
          self={self}
          onClose={() => setAdding(false)}
          onAdd={(link) => {
            setAdding(false)
            if (!links.some(({ kind, id }) => kind === link.kind && id === link.id)) onChange([...links, link])
          }}
        />
      )}
    </section>
  )
}

function AddEvidence({ self, onAdd, onClose }: { self: string; onAdd: (link: Link) => void; onClose: () => void }) {
  const { detail: text, evidence } = useDocumentsText()
  const [kind, setKind] = useState<Link['kind']>('signal')
  const [id, setId] = useState('')
  const [said, setSaid] = useState('')
  // what can be chosen from a list is not typed
  const { value: offered } = useLoad(kind, async (): Promise<Link[] | undefined> => {
    if (kind === 'signal')
      return (await call(listSignals, { query: { limit: 100 } })).map((one) => ({ kind, id: one.id, text: `${one.name}: ${one.text}`.slice(0, 300) }))
    if (kind === 'document')
      return (await call(listDocuments, { query: { limit: 200 } }))
        .filter((one) => one.id !== self)
        .map((one) => ({ kind, id: one.id, text: `${one.number} ${one.title}`.slice(0, 300) }))
    return undefined
  })
  const fitting = offered?.every((one) => one.kind === kind) ? offered : undefined
  const chosen = fitting ? fitting.find((one) => one.id === id) : id.trim() ? { kind, id: id.trim(), text: said.trim() } : undefined
  return (
    <div className="document-row">
      <NativeSelect
        label={text.evidenceKind}
        value={kind}
        onChange={(event) => {
          setKind(EVIDENCE_KINDS.find((one) => one === event.currentTarget.value) ?? 'signal')
          setId('')
        }}
        data={EVIDENCE_KINDS.map((value) => ({ value, label: evidence[value] }))}
        data-testid="evidence-kind"
      />
      {fitting ? (
        <NativeSelect
          label={text.evidenceWhich}
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          data={[{ value: '', label: '' }, ...fitting.map((one) => ({ value: one.id, label: one.text }))]}
          data-testid="evidence-which"
        />
      ) : (
        <>
          <TextInput label={text.evidenceId} value={id} onChange={(event) => setId(event.currentTarget.value)} maxLength={100} data-testid="evidence-id" />
          <TextInput
            label={text.evidenceText}
            value={said}
            onChange={(event) => setSaid(event.currentTarget.value)}
            maxLength={300}
            data-testid="evidence-text"
          />
        </>
      )}
      <div className="document-buttons">
        <Button variant="default" onClick={onClose}>
          {text.cancel}
        </Button>
        <Button disabled={!chosen} onClick={() => chosen && onAdd(chosen)} data-testid="evidence-yes">
          {text.addEvidence}
        </Button>
      </div>
    </div>
  )
}

/** Documents that name this one; a report leads to a CAPA or an 8D, which keep its evidence. */
export function Followed({ document, mayOpen, onOpen }: { document: QualityDocument; mayOpen: boolean; onOpen: (kind: 'capa' | '8d') => void }) {
  const { detail: text, states } = useDocumentsText()
  const { followed, kind } = document
  const leads = kind === 'ncr' && mayOpen
  if (followed.length === 0 && !leads) return null
  return (
    <section>
      <h3>{text.followed}</h3>
      <ul>
        {followed.map((one) => (
          <li key={one.id}>
            <a href={`#${hashOf('documents', one.id)}`}>
              {one.number} {one.title}
            </a>{' '}
            <small>{states[one.state]}</small>
          </li>
        ))}
      </ul>
      {leads && (
        <div className="document-buttons">
          {(['capa', '8d'] as const).map((one) => (
            <Button key={one} variant="default" onClick={() => onOpen(one)} data-testid={`follow-${one}`}>
              {text.follow[one]}
            </Button>
          ))}
        </div>
      )}
    </section>
  )
}
