/** Makes a template of what is selected: what is asked at an import, what it says of itself, what comes along. */
import './template-export.css'
import { Alert, Button, Modal, SegmentedControl } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { exportTemplate, type TemplateDetail } from '../../../server/api/templates/index.ts'
import { call } from '../../shared/api.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import { titleOf } from '../deploy/title-of.ts'
import { useHost } from '../host/use-host.ts'
import { AboutFields } from './about-fields.tsx'
import { Contents, Secrets } from './contents.tsx'
import { askedFor, askedOf, draftFrom, emptyDraft, faultsOf, requestOf, type TemplateDraft } from './draft.ts'
import { ParameterList } from './parameter-list.tsx'
import { candidatesOf } from './places.ts'
import { Saved } from './saved.tsx'
import { useExportText } from './text.ts'
import { useExportPreview } from './use-export-preview.ts'

export function ExportDialog({ nodeIds, onClose }: { nodeIds: readonly string[]; onClose: () => void }) {
  const text = useExportText()
  const common = useCommonText()
  const findings = useFindingText()
  const { workspace } = useHost()
  // as it was when the dialog was opened: what others change meanwhile is for the next one
  const [flows] = useState(() => workspace.model.export())
  const [first] = useState(() => nameFor(nodeIds, workspace))
  const [draft, setDraft] = useState<TemplateDraft>(() => emptyDraft(first))
  const [after, setAfter] = useState<string>()
  const [isSaving, setSaving] = useState(false)
  const [isTried, setTried] = useState(false)
  const [failure, setFailure] = useState<string>()
  const [saved, setSaved] = useState<TemplateDetail>()
  const { preview, error } = useExportPreview(flows, nodeIds, draft.asked)
  const change = (changes: Partial<TemplateDraft>) => setDraft((before) => ({ ...before, ...changes }))

  // what is of this shop alone is asked from the beginning; what was made of these nodes before goes on
  const isBegun = useRef(false)
  useEffect(() => {
    if (!preview || isBegun.current) return
    isBegun.current = true
    const [before] = preview.earlier
    setAfter(before?.id)
    setDraft((known) => (before ? draftFrom(before) : { ...known, asked: preview.suggestions.map(askedOf) }))
  }, [preview])
  const begin = (id: string) => {
    const earlier = preview?.earlier.find((each) => each.id === id)
    setAfter(earlier?.id)
    setDraft(earlier ? draftFrom(earlier) : { ...emptyDraft(first), asked: (preview?.suggestions ?? []).map(askedOf) })
  }
  const candidates = useMemo(() => {
    const chosen = new Set(preview?.nodes.map(({ id }) => id))
    return candidatesOf(
      flows.filter(({ id }) => chosen.has(id)),
      workspace.types,
    )
  }, [flows, preview, workspace])
  const faults = faultsOf(draft)
  const shownFaults = isTried ? faults : faults.filter((fault) => fault.includes(' '))
  const save = async () => {
    setTried(true)
    setFailure(undefined)
    if (!preview || faults.length > 0) {
      setFailure(text.incomplete)
      return
    }
    setSaving(true)
    try {
      const { tests, programs, panels } = preview
      const able = panels.filter(({ why }) => why === undefined).map(({ key }) => key)
      setSaved(await call(exportTemplate, { body: requestOf(draft, { nodeIds, flows, tests: tests.map(({ id }) => id), programs, panels: able }) }))
    } catch (problem) {
      setFailure(errorWords(findings, problem))
    } finally {
      setSaving(false)
    }
  }
  return (
    <Modal opened onClose={onClose} size="xl" title={saved ? text.saved.heading : text.title} closeButtonProps={{ 'aria-label': common.close }}>
      {saved ? (
        <Saved template={saved} sharedFolder={preview?.sharedFolder} onClose={onClose} />
      ) : (
        <form
          className="form export-form"
          noValidate
          data-testid="export-template"
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <p className="form-help">{text.intro}</p>
          {error !== undefined && (
            <p className="form-error" role="alert">
              {errorWords(findings, error)}
            </p>
          )}
          {!preview && error === undefined && <div className="export-skeleton" aria-hidden />}
          {preview && (
            <>
              {preview.earlier.length > 0 && (
                <Alert className="export-earlier" title={text.earlier.title}>
                  <SegmentedControl
                    value={after ?? ''}
                    onChange={begin}
                    aria-label={text.earlier.title}
                    data={[
                      ...preview.earlier.slice(0, 3).map(({ id, name, nextVersion }) => ({ value: id, label: text.earlier.next(name, nextVersion) })),
                      { value: '', label: text.earlier.other },
                    ]}
                    data-testid="export-earlier"
                  />
                </Alert>
              )}
              <Secrets
                secrets={preview.secrets}
                candidates={candidates}
                onAsk={(candidate) => {
                  const taken = draft.asked.map(({ key }) => key)
                  change({ asked: [...draft.asked, { ...askedFor(candidate, candidates, taken), preset: undefined, isRequired: true }] })
                }}
              />
              <section aria-label={text.parameters.heading}>
                <h3>{text.parameters.heading}</h3>
                <p className="form-help">{text.parameters.hint}</p>
                <ParameterList asked={draft.asked} candidates={candidates} faults={shownFaults} onChange={(asked) => change({ asked })} />
              </section>
              <section aria-label={text.about.heading}>
                <h3>{text.about.heading}</h3>
                <AboutFields draft={draft} faults={shownFaults} isNextVersion={after !== undefined} onChange={change} />
              </section>
              <section aria-label={text.contents.heading}>
                <h3>{text.contents.heading}</h3>
                <Contents preview={preview} draft={draft} onChange={change} />
              </section>
              {failure !== undefined && (
                <p className="form-error" role="alert" data-testid="export-failure">
                  {failure}
                </p>
              )}
              <div className="export-foot">
                <p className="form-help">{text.signedBy(preview.signer.name ?? '', preview.signer.fingerprint ?? '')}</p>
                <div className="form-line">
                  <Button variant="default" onClick={onClose}>
                    {text.cancel}
                  </Button>
                  <Button type="submit" loading={isSaving} disabled={preview.secrets.length > 0} data-testid="export-save">
                    {text.save}
                  </Button>
                </div>
              </div>
            </>
          )}
        </form>
      )}
    </Modal>
  )
}

/** The flow's name when it is a flow; else that of the flow it is on. */
function nameFor(nodeIds: readonly string[], { model, types, place }: ReturnType<typeof useHost>['workspace']): string {
  const only = nodeIds.length === 1 ? model.get(nodeIds[0] ?? '') : undefined
  const named = only ?? (place === undefined ? undefined : model.get(place))
  return named ? titleOf(named, types).slice(0, 80) : ''
}
