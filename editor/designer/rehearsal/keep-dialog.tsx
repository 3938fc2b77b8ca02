/** Keeps a rehearsal as a test, or changes what a test expects: what of the result has to come out every time. */
import { Button, Checkbox, Modal, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { FlowTest } from '../../../server/api/flow-tests.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import { useHost } from '../host/use-host.ts'
import { newId } from '../model/raw.ts'
import { EXPECTATION_KINDS, expectationText, type Offer, offersOf, ticked } from './expectations.ts'
import { FieldEditor } from './field-editor.tsx'
import type { RehearsalStore, Result } from './rehearsal-store.ts'
import { useRehearsalText } from './text.ts'

interface Props {
  store: RehearsalStore
  /** What is kept, or what the test came to last. */
  result: Result | undefined
  /** The test whose expectations are changed; its steps and answers stay. */
  test?: FlowTest
  onClose: () => void
}

export function KeepDialog({ store, result, test, onClose }: Props) {
  const text = useRehearsalText()
  const common = useCommonText()
  const findings = useFindingText()
  const { workspace } = useHost()
  const flowId = test?.flowId ?? result?.flowId ?? ''
  const report = result?.report
  const { testId, ofRun } = store.caseOf(flowId)
  const known = test ?? store.tests.find(({ id }) => id === testId)
  const [name, setName] = useState(known?.name ?? text.tests.nameFirst(String(workspace.model.get(flowId)?.label ?? '')).slice(0, 120))
  const [offers, setOffers] = useState(() => offersOf(report, known?.expect ?? ofRun?.expect))
  const [failure, setFailure] = useState<string>()
  const change = (key: string, changes: Partial<Offer>) => setOffers(offers.map((offer) => (offer.key === key ? { ...offer, ...changes } : offer)))
  const keep = async () => {
    const expect = ticked(offers)
    if (!expect) return
    if (expect.length === 0) {
      setFailure(text.tests.nothingTicked)
      return
    }
    try {
      const base = test ?? { steps: result?.request.steps ?? [], answers: result?.request.answers ?? {} }
      await store.put({ id: known?.id ?? `ft_${newId()}`, name: name.trim(), flowId, steps: base.steps, answers: base.answers, expect })
      if (!test) {
        const { steps, answers } = store.caseOf(flowId)
        store.setCase(flowId, { steps, answers })
      }
      store.show('tests')
      onClose()
    } catch (error) {
      setFailure(errorWords(findings, error))
    }
  }
  return (
    <Modal opened onClose={onClose} size="lg" title={known ? text.tests.changeTitle : text.tests.keepTitle} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        className="form"
        data-testid="rehearsal-keep-dialog"
        onSubmit={(event) => {
          event.preventDefault()
          void keep()
        }}
      >
        <TextInput
          label={text.tests.name}
          required
          maxLength={120}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="rehearsal-test-name"
        />
        <p className="form-help">{test ? (report ? text.tests.changeText : text.tests.changeTextNoRun) : text.tests.keepText}</p>
        {EXPECTATION_KINDS.map((kind) => {
          const of = offers.filter(({ expectation }) => expectation.kind === kind)
          if (of.length === 0) return null
          return (
            <fieldset key={kind} className="rehearsal-offers">
              <legend>{text.tests.kinds[kind]}</legend>
              {of.map((offer) => (
                <OfferRow
                  key={offer.key}
                  offer={offer}
                  label={[expectationText(offer.expectation, workspace, text, report), offer.detail].filter(Boolean).join(': ')}
                  onChange={(changes) => change(offer.key, changes)}
                />
              ))}
            </fieldset>
          )
        })}
        {failure !== undefined && (
          <p className="form-error" role="alert">
            {failure}
          </p>
        )}
        <div className="rehearsal-buttons">
          <Button type="submit" disabled={name.trim() === ''} data-testid="rehearsal-keep-yes">
            {text.tests.keep}
          </Button>
          <Button variant="default" onClick={onClose}>
            {text.tests.cancel}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function OfferRow({ offer, label, onChange }: { offer: Offer; label: string; onChange: (changes: Partial<Offer>) => void }) {
  const text = useRehearsalText()
  const { expectation, isTicked, content, isContentTicked, left } = offer
  return (
    <div className="rehearsal-offer">
      <Checkbox
        label={label}
        checked={isTicked}
        onChange={(event) => onChange({ isTicked: event.currentTarget.checked })}
        data-testid={`rehearsal-offer-${expectation.kind}`}
      />
      {isTicked && content !== undefined && (
        <Checkbox
          size="xs"
          label={text.tests.exactly}
          aria-label={`${label}: ${text.tests.exactly}`}
          checked={isContentTicked}
          onChange={(event) => onChange({ isContentTicked: event.currentTarget.checked })}
        />
      )}
      {isTicked && isContentTicked && content !== undefined && (
        <FieldEditor label={`${label}: ${text.tests.exactly}`} content={content} left={left} cameOut={offer.cameOut} onChange={onChange} />
      )}
    </div>
  )
}
