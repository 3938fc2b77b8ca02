/** What may be done next with a document, and what is missing before it. */
import { Button, Modal, Textarea } from '@mantine/core'
import { useState } from 'react'
import { lacks } from '../../../server/api/quality/documents/complete.ts'
import type { DocumentKind } from '../../../server/api/quality/documents/content.ts'
import type { DocumentMove } from '../../../server/api/quality/documents/routes.ts'
import { whole } from './specs.ts'
import type { OpenDocument } from './use-document.ts'
import { inWords, useDocumentsText } from './use-documents-text.ts'

/** Where a field stands in the form. */
const anchorOf = (lack: string) => `document-${lack === 'dispositions-sum' ? 'dispositions' : lack === 'reaction' ? 'rows' : lack}`

export function Moves({ open }: { open: OpenDocument }) {
  const text = useDocumentsText()
  const [asking, setAsking] = useState<DocumentMove>()
  const { document, content, isBusy } = open
  if (!document || document.moves.length === 0) return null
  const { kind, moves, askedBy } = document
  const onward = moves.filter(({ sense }) => sense === 'on' || sense === 'ask' || sense === 'yes')
  const others = moves.filter((one) => !onward.includes(one))
  // known before it is saved: each field that is filled in goes from the list
  const missing = ({ move }: DocumentMove) => lacks<DocumentKind>(kind, move, whole(kind, content) as never)
  const start = (move: DocumentMove) => (move.asksReason ? setAsking(move) : void open.move(move.move, undefined))
  const blocked = [...new Set(onward.flatMap(({ mayNot }) => (mayNot ? [mayNot] : [])))]
  const mine = onward.filter(({ mayNot }) => mayNot === undefined)
  // the nearest step is the one to be shown
  const lacking = mine.length ? missing(mine[0] as DocumentMove) : []
  return (
    <section className="document-moves" aria-label={text.detail.next}>
      {askedBy !== undefined && <p>{text.detail.waits(askedBy)}</p>}
      <div className="document-buttons">
        {onward.map((move) => (
          <Button
            key={move.move}
            disabled={move.mayNot !== undefined || missing(move).length > 0 || isBusy}
            variant={move === mine[0] ? 'filled' : 'default'}
            onClick={() => start(move)}
            data-testid={`move-${move.move}`}
          >
            {text.moves[move.move]}
          </Button>
        ))}
        {others.map((move) => (
          <Button
            key={move.move}
            variant="default"
            disabled={move.mayNot !== undefined || isBusy}
            onClick={() => start(move)}
            data-testid={`move-${move.move}`}
          >
            {text.moves[move.move]}
          </Button>
        ))}
      </div>
      {blocked.map((why) => (
        <p key={why} className="quality-dim" data-testid="may-not">
          {text.detail.mayNot[why]}
        </p>
      ))}
      {lacking.length > 0 && (
        <div data-testid="lacks">
          <p>{text.detail.first}</p>
          <ul>
            {lacking.map((lack) => (
              <li key={lack}>
                <button
                  type="button"
                  className="document-to-field"
                  onClick={() => {
                    const place = globalThis.document.getElementById(anchorOf(lack))
                    place?.scrollIntoView({ block: 'center' })
                    place?.querySelector<HTMLElement>('input, textarea, select, button')?.focus({ preventScroll: true })
                  }}
                >
                  {inWords(text, lack)}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {asking && (
        <Why
          title={text.detail.whyTitle(text.moves[asking.move])}
          onClose={() => setAsking(undefined)}
          onSay={async (reason) => {
            setAsking(undefined)
            await open.move(asking.move, reason)
          }}
          yes={text.moves[asking.move]}
        />
      )}
    </section>
  )
}

function Why({ title, yes, onClose, onSay }: { title: string; yes: string; onClose: () => void; onSay: (reason: string) => void }) {
  const text = useDocumentsText().detail
  const [reason, setReason] = useState('')
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': text.cancel }}>
      <Textarea
        label={text.why}
        description={text.whyHint}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        data-autofocus
        data-testid="move-reason"
      />
      <div className="document-buttons document-end">
        <Button variant="default" onClick={onClose}>
          {text.cancel}
        </Button>
        <Button disabled={reason.trim().length < 3} onClick={() => onSay(reason)} data-testid="move-yes">
          {yes}
        </Button>
      </div>
    </Modal>
  )
}
