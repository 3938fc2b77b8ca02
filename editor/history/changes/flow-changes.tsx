/** What differs between two states of the flows: drawn flow by flow, and as the designer's list. */
import '../../designer/canvas/canvas.css'
import '../../designer/deploy/deploy.css'
import '../../designer/panels/panels.css'
import { SegmentedControl } from '@mantine/core'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { type FlowNode, listNodeTypes, type NodeType } from '../../../server/api/flows.ts'
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
import { useHistoryText } from '../use-history-text.ts'

const MOST_TABS = 8

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

export default function FlowChanges({ before, after }: { before: readonly FlowNode[]; after: readonly FlowNode[] }) {
  const text = useHistoryText().versions
  const words = useDeployText().compare
  const language = useLanguage()
  const types = useNodeTypes()
  const [chosen, setChosen] = useState<string>()
  const shown = useMemo(() => {
    if (!types) return undefined
    const picture = new Workspace()
    picture.speak(language)
    picture.setTypes(types)
    picture.model.load([...after])
    const was = byId(before)
    const comparison = new Comparison(picture)
    comparison.begin({ is: 'version', id: 'before', at: '', flows: was })
    const diff = diffFlows(was, byId(after))
    const touched = new Set(diff.map(({ id, node }) => (node.type === 'tab' || node.type === 'subflow' ? id : String(node.z ?? ''))))
    const tabs = after.filter(({ id, type }) => (type === 'tab' || type === 'subflow') && touched.has(id))
    return { picture, comparison, was, diff, tabs: tabs.map(({ id, label, name }) => ({ id, label: String(label || name || id) })) }
  }, [types, language, before, after])
  const place = shown?.tabs.find(({ id }) => id === chosen)?.id ?? shown?.tabs[0]?.id
  if (shown && place !== undefined) shown.picture.open(place)
  const onMade = useCallback(
    (canvas: FlowCanvas) => {
      const ends = shown ? showDifferences(canvas, shown.comparison, words.marks) : []
      let isGone = false
      void canvas.settled().then(() => (isGone ? undefined : canvas.zoomToFit()))
      return [
        ...ends,
        () => {
          isGone = true
        },
      ]
    },
    [shown, words],
  )
  if (!shown) return <div className="history-skeleton" aria-hidden />
  if (!shown.diff.length) return <p className="history-note">{text.same}</p>
  return (
    <div className="history-flow" data-testid="flow-changes">
      {shown.tabs.length > 1 && place !== undefined && (
        <SegmentedControl
          size="xs"
          data={shown.tabs.slice(0, MOST_TABS).map(({ id, label }) => ({ value: id, label }))}
          value={place}
          onChange={setChosen}
          aria-label={text.picture}
        />
      )}
      {place !== undefined && (
        <div className="history-canvas">
          <LookOnly key={place} picture={shown.picture} label={text.picture} className="history-look" testId="history-canvas" onMade={onMade} />
        </div>
      )}
      <WorkspaceContext value={shown.picture}>
        <DiffList diff={shown.diff} before={shown.was} after={byId(after)} />
      </WorkspaceContext>
    </div>
  )
}
