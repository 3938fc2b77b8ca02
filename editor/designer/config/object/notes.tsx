/** What the next reader should know: Markdown, as Node-RED's own notes, with what it looks like beside it. */
import { useDeferredValue } from 'react'
import type { FlowNode } from '../../model/raw.ts'
import { textOf } from '../../model/raw.ts'
import { useDesignerText } from '../../text.ts'
import { CodeEditor } from '../code/code-editor.tsx'
import { Markdown } from '../markdown.tsx'
import { useConfigText } from '../text.ts'

export function Notes({ values, onChange }: { values: FlowNode; onChange: (changes: Record<string, unknown>) => void }) {
  const text = useDesignerText().config
  const words = useConfigText().notes
  const info = textOf(values, 'info')
  const shown = useDeferredValue(info)
  return (
    <div className="notes">
      <CodeEditor
        language="markdown"
        label={text.info}
        description={text.infoHint}
        minRows={10}
        value={info}
        onChange={(next) => onChange({ info: next })}
        data-testid="field-info"
      />
      <section className="notes-preview" aria-label={words.preview} data-testid="notes-preview">
        <h3>{words.preview}</h3>
        {info.trim() === '' ? <p className="form-help">{words.empty}</p> : <Markdown source={shown} />}
      </section>
    </div>
  )
}
