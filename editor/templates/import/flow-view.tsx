/** The flow of an import on a canvas, and what it changes as a list: new, changed, taken away. */
import '../../designer/canvas/canvas.css'
import '../../designer/deploy/deploy.css'
import { SegmentedControl } from '@mantine/core'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { applyChanges } from '../../../server/api/flow-changes.ts'
import { type FlowNode, listNodeTypes, type NodeType } from '../../../server/api/flows.ts'
import type { ImportPreview } from '../../../server/api/templates/index.ts'
import type { FlowCanvas } from '../../designer/canvas/flow-canvas.ts'
import { LookOnly } from '../../designer/canvas/look-only.tsx'
import { showDifferences } from '../../designer/deploy/compare-layer.ts'
import { Comparison } from '../../designer/deploy/comparison.ts'
import { DiffList } from '../../designer/deploy/diff-list.tsx'
import { useDeployText } from '../../designer/deploy/text.ts'
import { byId, diffFlows } from '../../designer/model/diff.ts'
import { WorkspaceContext } from '../../designer/use-workspace.ts'
import { Workspace } from '../../designer/workspace.ts'
import { call } from '../../shared/api.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useTemplatesText } from '../words.ts'

export interface FlowViewProps {
  preview: Pick<ImportPreview, 'rev' | 'changes' | 'counts' | 'tabs' | 'lostWires'>
  before: readonly FlowNode[]
}

function useNodeTypes(): readonly NodeType[] | undefined {
  const [types, setTypes] = useState<readonly NodeType[]>()
  useEffect(() => {
    let isGone = false
    // without them nodes are drawn by their type's name
    call(listNodeTypes).then(
      (list) => isGone || setTypes(list),
      () => isGone || setTypes([]),
    )
    return () => {
      isGone = true
    }
  }, [])
  return types
}

export default function FlowView({ preview, before }: FlowViewProps) {
  const text = useTemplatesText().wizard
  const words = useDeployText().compare
  const language = useLanguage()
  const types = useNodeTypes()
  const [chosen, setChosen] = useState(0)
  const { counts, tabs, lostWires } = preview
  const shown = useMemo(() => {
    if (!types) return undefined
    const picture = new Workspace()
    picture.speak(language)
    picture.setTypes(types)
    picture.model.load(applyChanges(before, preview.changes))
    const was = byId(before)
    const comparison = new Comparison(picture)
    comparison.begin({ is: 'version', id: preview.rev, at: '', flows: was })
    return { picture, comparison, was, diff: diffFlows(was, byId(picture.model.export())) }
  }, [types, language, before, preview])
  // by its place: each look gives a new import new ids
  const place = (tabs[chosen] ?? tabs[0])?.id
  const isNew = place !== undefined && shown?.was.has(place) === false
  if (shown && place !== undefined) shown.picture.open(place)
  const onMade = useCallback(
    (canvas: FlowCanvas) => {
      // what is new as a whole needs no mark at each node
      const ends = shown && !isNew ? showDifferences(canvas, shown.comparison, words.marks) : []
      let isGone = false
      void canvas.settled().then(() => (isGone ? undefined : canvas.zoomToFit()))
      return [
        ...ends,
        () => {
          isGone = true
        },
      ]
    },
    [shown, isNew, words],
  )
  return (
    <div className="templates-flow" data-testid="import-flow">
      {tabs.length > 1 && place !== undefined && (
        <SegmentedControl
          data={tabs.map(({ id, label }) => ({ value: id, label }))}
          value={place}
          onChange={(id) => setChosen(tabs.findIndex((tab) => tab.id === id))}
          aria-label={text.flow}
        />
      )}
      <div className="templates-canvas">
        {shown && place !== undefined && (
          <LookOnly key={place} picture={shown.picture} label={text.flow} className="templates-look" testId="import-canvas" onMade={onMade} />
        )}
      </div>
      <p className="templates-counts" data-testid="import-counts">
        <strong>{text.counts(counts.added, counts.changed, counts.removed)}</strong> {counts.added + counts.changed + counts.removed > 0 && text.others}
        {lostWires > 0 && <span className="templates-warn"> {text.lostWires(lostWires)}</span>}
      </p>
      {shown && (
        <WorkspaceContext value={shown.picture}>
          <details className="templates-diff" open={counts.changed + counts.removed > 0}>
            <summary>{text.changeList}</summary>
            <DiffList diff={shown.diff} before={shown.was} />
          </details>
        </WorkspaceContext>
      )}
    </div>
  )
}
