/** Saving what is selected, or the flow that is shown, as a template. */
import { PackageCheck } from 'lucide-react'
import { useMemo, useState } from 'react'
import { may, useMe } from '../../shared/me.ts'
import type { Action, ActionTarget } from '../host/action.ts'
import { useActions, useHost } from '../host/use-host.ts'
import { partOfSubflow } from '../model/scene.ts'
import { ExportDialog } from './export-dialog.tsx'
import { useExportText } from './text.ts'

export function TemplateExportFeature() {
  const host = useHost()
  const text = useExportText()
  const { me } = useMe()
  const [nodeIds, setNodeIds] = useState<readonly string[]>()
  const mayDeploy = may(me, 'flows.deploy')
  useActions(
    useMemo((): Action[] => {
      const { workspace } = host
      /** What is pointed at counts as selected; nothing selected: the flow that is shown. */
      const chosen = (target: ActionTarget | undefined): string[] => {
        const { hit } = target ?? {}
        if (hit && (hit.on === 'node' || hit.on === 'group') && !workspace.selection.has(hit.id)) return [hit.id]
        const ids = [...workspace.selection].filter((id) => !partOfSubflow(id) && workspace.model.get(id))
        return ids.length || workspace.place === undefined ? ids : [workspace.place]
      }
      return [
        {
          id: 'template.export',
          title: text.action,
          words: text.words,
          group: 'edit',
          icon: PackageCheck,
          isInMenu: true,
          on: ['node', 'group', 'nothing'],
          whyNot: (target) => (!mayDeploy ? text.why.right : chosen(target).length === 0 ? text.why.nothing : undefined),
          run: (target) => setNodeIds(chosen(target)),
        },
      ]
    }, [host, text, mayDeploy]),
  )
  if (!nodeIds) return null
  return (
    <ExportDialog
      nodeIds={nodeIds}
      onClose={() => {
        setNodeIds(undefined)
        host.focus()
      }}
    />
  )
}
