/** Removing an import: what goes with it, what stays. */
import { Button, Checkbox, Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { previewImportRemoval, type RemovalPreview, removeTemplateImport, type TemplateImport } from '../../../server/api/templates/index.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { call } from '../../shared/api.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { errorWords, panelWords, useTemplatesText } from '../words.ts'

const MOST = 12

export function RemoveDialog({ one, onClose, onRemoved }: { one: TemplateImport; onClose: () => void; onRemoved: () => void }) {
  const text = useTemplatesText()
  const words = text.imported
  const common = useCommonText()
  const language = useLanguage()
  const findings = useFindingText()
  const [goes, setGoes] = useState<RemovalPreview>()
  const [error, setError] = useState<unknown>()
  const [withOwnWork, setWithOwnWork] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const params = { importId: one.id }
  useEffect(() => {
    let isGone = false
    call(previewImportRemoval, { params: { importId: one.id } }).then(
      (found) => isGone || setGoes(found),
      (problem: unknown) => isGone || setError(problem),
    )
    return () => {
      isGone = true
    }
  }, [one.id])
  const remove = () => {
    if (!goes) return
    setBusy(true)
    setError(undefined)
    call(removeTemplateImport, { params, body: { withOwnWork, rev: goes.rev } }).then(
      ({ panelProblems }) => {
        notifications.show({
          message: panelProblems.length ? words.removedPanelProblems(one.name, panelProblems.join('; ')) : words.removed(one.name),
          ...(panelProblems.length ? { color: 'orange', autoClose: false } : {}),
        })
        onRemoved()
      },
      (problem: unknown) => {
        setError(problem)
        setBusy(false)
      },
    )
  }
  const tabsOf = (stays: boolean) =>
    (goes?.panels ?? [])
      .filter((each) => each.stays === stays)
      .map(({ scope, tab }) => `${tab} (${panelWords(scope, text)})`)
      .join(', ')
  return (
    <Modal opened onClose={onClose} title={words.removeTitle(one.name)} size="lg">
      <div className="templates-remove" data-testid="remove-dialog">
        {goes ? (
          <>
            <p>{goes.nodes.length === 0 ? words.removeNothing : words.removeNodes(goes.nodes.length)}</p>
            <Names nodes={goes.nodes} />
            {goes.tests > 0 && <p>{words.removeTests(goes.tests)}</p>}
            {goes.programs.length > 0 && <p>{words.removePrograms(goes.programs.join(', '))}</p>}
            {tabsOf(false) !== '' && <p>{words.removePanels(tabsOf(false))}</p>}
            {tabsOf(true) !== '' && <p>{words.removePanelsStay(tabsOf(true))}</p>}
            {goes.kept.length > 0 && <p>{words.kept(goes.kept.map(({ name }) => name).join(', '))}</p>}
            {goes.lostWires > 0 && <p className="templates-warn">{text.wizard.lostWires(goes.lostWires)}</p>}
            {goes.ownWork.length > 0 && (
              <>
                <p className="templates-warn">{words.ownWork(goes.ownWork.length)}</p>
                <Names nodes={goes.ownWork} />
                <Checkbox
                  label={words.ownWorkYes}
                  checked={withOwnWork}
                  onChange={(event) => setWithOwnWork(event.currentTarget.checked)}
                  data-testid="own-work"
                />
              </>
            )}
            {goes.nodes.length > 0 && <p className="templates-dim">{words.removeBack}</p>}
          </>
        ) : (
          !error && <div className="templates-skeleton" aria-hidden />
        )}
        {error !== undefined && <p role="alert">{errorWords(error, language, findings)}</p>}
        <div className="templates-actions">
          <Button color="red" loading={isBusy} disabled={!goes || (goes.ownWork.length > 0 && !withOwnWork)} onClick={remove} data-testid="remove-now">
            {words.removeNow}
          </Button>
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

function Names({ nodes }: { nodes: RemovalPreview['nodes'] }) {
  const words = useTemplatesText().imported
  if (nodes.length === 0) return null
  return (
    <ul className="templates-lines">
      {nodes.slice(0, MOST).map(({ id, name, type }) => (
        <li key={id}>
          {name || type} {name !== type && <span className="templates-dim">{type}</span>}
        </li>
      ))}
      {nodes.length > MOST && <li className="templates-dim">{words.more(nodes.length - MOST)}</li>}
    </ul>
  )
}
