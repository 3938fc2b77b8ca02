/** Flows in and out as Node-RED's JSON. */
import { Button, Checkbox, Modal, SegmentedControl, Select, Textarea } from '@mantine/core'
import { Copy, Download, FileUp } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { copyText, readFlows } from '../model/clipboard.ts'
import { type FlowNode, kindOf, textOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'

/** Where an import goes to; `replace`: in the place of what is here under the same ids. */
export type ImportTo = 'here' | 'new' | 'replace'

export function ImportDialog({ onImport, onClose }: { onImport: (nodes: FlowNode[], to: ImportTo) => void; onClose: () => void }) {
  const text = useDesignerText().io
  const { model, place, types } = useWorkspace('model', 'place', 'types')
  const examples = [...types.values()].filter(({ example }) => example !== undefined)
  const [json, setJson] = useState('')
  const [isNewTab, setNewTab] = useState(place === undefined)
  const [isReplacing, setReplacing] = useState(false)
  const file = useRef<HTMLInputElement>(null)
  const read = useMemo(() => (json.trim() === '' ? undefined : readFlows(json)), [json])
  const tabs = read && 'nodes' in read ? read.nodes.filter((node) => kindOf(node) === 'tab').length : 0
  const taken = read && 'nodes' in read ? read.nodes.filter((node) => model.get(node.id)).length : 0
  const replaces = isReplacing && taken > 0
  const error =
    read && 'error' in read ? (read.error === 'not-json' && read.at ? text.brokenAt(read.at.line, read.at.column) : text.errors[read.error]) : undefined
  return (
    <Modal opened onClose={onClose} title={text.importTitle} size="lg">
      <div className="form">
        <Textarea
          label={text.importHint}
          value={json}
          onChange={(event) => setJson(event.currentTarget.value)}
          minRows={8}
          maxRows={16}
          autosize
          spellCheck={false}
          classNames={{ input: 'form-code' }}
          error={error}
          data-autofocus
          data-testid="import-text"
        />
        {examples.length > 0 && (
          <Select
            label={text.example}
            searchable
            data={examples.map(({ type, label }) => ({ value: type, label }))}
            value={null}
            onChange={(chosen) => setJson(JSON.stringify(examples.find(({ type }) => type === chosen)?.example ?? [], null, 2))}
            data-testid="import-example"
          />
        )}
        <div className="form-line">
          <input
            ref={file}
            type="file"
            accept=".json,application/json,text/plain"
            hidden
            onChange={(event) => {
              const [chosen] = event.currentTarget.files ?? []
              if (chosen) void chosen.text().then(setJson)
            }}
          />
          <Button variant="default" leftSection={<FileUp size={16} aria-hidden />} onClick={() => file.current?.click()}>
            {text.choose}
          </Button>
          {read && 'nodes' in read && <span className="form-help">{text.found(read.nodes.length, tabs)}</span>}
        </div>
        {taken > 0 && (
          <>
            <p className="form-help">{text.taken(taken)}</p>
            <SegmentedControl
              aria-label={text.taken(taken)}
              value={replaces ? 'replace' : 'copies'}
              onChange={(value) => setReplacing(value === 'replace')}
              data={[
                { value: 'copies', label: text.copies },
                { value: 'replace', label: text.replace },
              ]}
              data-testid="import-taken"
            />
          </>
        )}
        {tabs === 0 && place !== undefined && !replaces && (
          <SegmentedControl
            aria-label={text.where}
            value={isNewTab ? 'new' : 'here'}
            onChange={(value) => setNewTab(value === 'new')}
            data={[
              { value: 'here', label: text.here },
              { value: 'new', label: text.newTab },
            ]}
          />
        )}
        <Button
          disabled={!read || 'error' in read}
          onClick={() => {
            if (read && 'nodes' in read) onImport(read.nodes, replaces ? 'replace' : tabs === 0 && (isNewTab || place === undefined) ? 'new' : 'here')
          }}
          data-testid="import-go"
        >
          {text.importButton}
        </Button>
      </div>
    </Modal>
  )
}

type Scope = 'selection' | 'place' | 'all'

export function ExportDialog({ initial, onClose }: { initial: Scope; onClose: () => void }) {
  const text = useDesignerText().io
  const { model, selection, place } = useWorkspace('model', 'selection', 'place')
  const [scope, setScope] = useState<Scope>(selection.size === 0 && initial === 'selection' ? 'place' : initial)
  const [isCopied, setCopied] = useState(false)
  const [isCompact, setCompact] = useState(false)
  const json = useMemo(() => {
    const written = (text: string) => (isCompact ? JSON.stringify(JSON.parse(text)) : text)
    if (scope === 'all') return JSON.stringify(model.export(), null, isCompact ? 0 : 2)
    const ids = scope === 'selection' ? selection : new Set(place === undefined ? [] : [place, ...model.childrenOf(place).map((node) => node.id)])
    return written(copyText(model, ids))
  }, [scope, model, selection, place, isCompact])
  const name = scope === 'place' && place !== undefined ? textOf(model.get(place) ?? { id: '', type: '' }, 'label') || 'flow' : 'flows'
  const download = () => {
    const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${name.replace(/[^\p{L}\p{N}_-]+/gu, '-')}.json`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 1_000)
  }
  return (
    <Modal opened onClose={onClose} title={text.exportTitle} size="lg">
      <div className="form">
        <SegmentedControl
          value={scope}
          onChange={(value) => {
            setScope(value as Scope)
            setCopied(false)
          }}
          data={[
            { value: 'selection', label: text.scopes.selection, disabled: selection.size === 0 },
            { value: 'place', label: text.scopes.place, disabled: place === undefined },
            { value: 'all', label: text.scopes.all },
          ]}
        />
        <Textarea
          value={json.length > 200_000 ? `${json.slice(0, 200_000)}…` : json}
          readOnly
          minRows={10}
          maxRows={18}
          autosize
          aria-label={text.exportTitle}
          classNames={{ input: 'form-code' }}
          data-testid="export-text"
        />
        <div className="form-line">
          <Button
            leftSection={<Copy size={16} aria-hidden />}
            onClick={() => {
              // the clipboard's API needs a secure page; the shop's server often has no certificate
              void copyToClipboard(json).then(setCopied)
            }}
          >
            {isCopied ? text.copied : text.copy}
          </Button>
          <Button variant="default" leftSection={<Download size={16} aria-hidden />} onClick={download}>
            {text.download}
          </Button>
          <Checkbox
            label={text.compact}
            checked={isCompact}
            onChange={(event) => {
              setCompact(event.currentTarget.checked)
              setCopied(false)
            }}
            data-testid="export-compact"
          />
        </div>
      </div>
    </Modal>
  )
}

async function copyToClipboard(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      // refused by the browser: the older way below asks nobody
    }
  }
  return new Promise((resolve) => {
    document.addEventListener(
      'copy',
      (event) => {
        event.clipboardData?.setData('text/plain', text)
        event.preventDefault()
        event.stopImmediatePropagation()
        resolve(true)
      },
      { once: true, capture: true },
    )
    if (!document.execCommand('copy')) resolve(false)
  })
}
