/** What the next reader should know: Markdown, as Node-RED's own notes. */
import type { FlowNode } from '../../model/raw.ts'
import { textOf } from '../../model/raw.ts'
import { useDesignerText } from '../../text.ts'
import { CodeEditor } from '../code/code-editor.tsx'

export function Notes({ values, onChange }: { values: FlowNode; onChange: (changes: Record<string, unknown>) => void }) {
  const text = useDesignerText().config
  return (
    <CodeEditor
      language="markdown"
      label={text.info}
      description={text.infoHint}
      minRows={10}
      value={textOf(values, 'info')}
      onChange={(info) => onChange({ info })}
      data-testid="field-info"
    />
  )
}
