/** What a template is called, what it says of itself, and its pictures. */
import { Button, Checkbox, FileButton, Input, Textarea, TextInput } from '@mantine/core'
import { ImagePlus, X } from 'lucide-react'
import { useState } from 'react'
import { TEMPLATE_CATEGORIES } from '../../../server/api/templates/index.ts'
import { useTemplatesText } from '../../templates/words.ts'
import { type DraftFault, idFor, type TemplateDraft } from './draft.ts'
import { picturesFrom } from './pictures.ts'
import { useExportText } from './text.ts'

export interface AboutFieldsProps {
  draft: TemplateDraft
  faults: readonly DraftFault[]
  /** Its id is that of the version before. */
  isNextVersion: boolean
  onChange: (changes: Partial<TemplateDraft>) => void
}

export function AboutFields({ draft, faults, isNextVersion, onChange }: AboutFieldsProps) {
  const text = useExportText()
  const words = text.about
  const { categories } = useTemplatesText()
  const wrong = (fault: keyof typeof words.wrong) => (faults.includes(fault) ? words.wrong[fault] : undefined)
  const rename = (name: string) => onChange({ name, ...(!isNextVersion && draft.id === idFor(draft.name) ? { id: idFor(name) } : {}) })
  return (
    <>
      <TextInput
        label={words.name}
        required
        maxLength={80}
        value={draft.name}
        error={wrong('name')}
        onChange={(event) => rename(event.currentTarget.value)}
        data-testid="export-name"
      />
      <TextInput
        label={words.summary}
        description={words.summaryHint}
        required
        maxLength={300}
        value={draft.summary}
        error={wrong('summary')}
        onChange={(event) => onChange({ summary: event.currentTarget.value })}
        data-testid="export-summary"
      />
      <Input.Wrapper label={words.categories} description={words.categoriesHint} required error={wrong('categories')} labelElement="div">
        <div className="export-chips">
          {TEMPLATE_CATEGORIES.map((each) => (
            <Checkbox
              key={each}
              label={categories[each]}
              checked={draft.categories.includes(each)}
              onChange={(event) =>
                onChange({ categories: event.currentTarget.checked ? [...draft.categories, each].slice(-4) : draft.categories.filter((one) => one !== each) })
              }
              data-testid={`export-category-${each}`}
            />
          ))}
        </div>
      </Input.Wrapper>
      <Textarea
        label={words.readme}
        description={words.readmeHint}
        autosize
        minRows={4}
        maxRows={14}
        maxLength={100_000}
        value={draft.readme}
        onChange={(event) => onChange({ readme: event.currentTarget.value })}
        data-testid="export-readme"
      />
      <Pictures draft={draft} onChange={onChange} />
      <div className="export-parameter-line">
        <TextInput
          label={words.id}
          description={words.idHint}
          value={draft.id}
          maxLength={64}
          readOnly={isNextVersion}
          error={wrong('id')}
          onChange={(event) => onChange({ id: event.currentTarget.value })}
          data-testid="export-id"
        />
        <TextInput
          label={words.version}
          description={words.versionHint}
          value={draft.version}
          maxLength={20}
          error={wrong('version')}
          onChange={(event) => onChange({ version: event.currentTarget.value })}
          data-testid="export-version"
        />
        <TextInput
          label={words.licence}
          description={words.licenceHint}
          value={draft.licence}
          maxLength={60}
          error={wrong('licence')}
          onChange={(event) => onChange({ licence: event.currentTarget.value })}
        />
      </div>
      <details className="export-german">
        <summary>{words.german}</summary>
        <TextInput label={words.nameGerman} maxLength={80} value={draft.nameGerman} onChange={(event) => onChange({ nameGerman: event.currentTarget.value })} />
        <TextInput
          label={words.summaryGerman}
          maxLength={300}
          value={draft.summaryGerman}
          onChange={(event) => onChange({ summaryGerman: event.currentTarget.value })}
        />
        <Textarea
          label={words.readmeGerman}
          autosize
          minRows={3}
          maxRows={14}
          maxLength={100_000}
          value={draft.readmeGerman}
          onChange={(event) => onChange({ readmeGerman: event.currentTarget.value })}
        />
      </details>
    </>
  )
}

function Pictures({ draft, onChange }: Pick<AboutFieldsProps, 'draft' | 'onChange'>) {
  const text = useExportText()
  const words = text.about
  const [refused, setRefused] = useState<readonly string[]>([])
  const take = async (files: File[]) => {
    const { pictures, refused } = await picturesFrom(files, draft.pictures)
    setRefused(refused)
    onChange({ pictures })
  }
  return (
    <Input.Wrapper
      label={words.pictures}
      description={words.picturesHint}
      labelElement="div"
      error={refused.length ? words.picturesRefused(refused.join(', ')) : undefined}
    >
      <div className="export-pictures">
        {draft.pictures.map(({ name, base64 }) => (
          <figure key={name}>
            <img src={`data:image/${name.endsWith('.jpg') ? 'jpeg' : name.split('.').at(-1)};base64,${base64}`} alt={name} />
            <Button
              variant="default"
              size="compact-xs"
              leftSection={<X size={12} aria-hidden />}
              onClick={() => onChange({ pictures: draft.pictures.filter((each) => each.name !== name) })}
            >
              {words.removePicture(name)}
            </Button>
          </figure>
        ))}
        <FileButton accept="image/png,image/jpeg,image/webp" multiple onChange={(files) => void take(files)}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<ImagePlus size={16} aria-hidden />}>
              {words.addPicture}
            </Button>
          )}
        </FileButton>
      </div>
    </Input.Wrapper>
  )
}
