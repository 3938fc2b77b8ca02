/** Templates to choose from: search, categories, pictures, and whether what each needs is here. */
import { Button, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { getTemplatePicture, TEMPLATE_CATEGORIES, type Template } from '../../../server/api/templates/index.ts'
import { urlOf } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { inLanguage, useTemplatesText } from '../words.ts'
import { found } from './find.ts'
import { ThereBadge } from './there-badge.tsx'

const categoriesOf = (templates: readonly Template[]) =>
  TEMPLATE_CATEGORIES.filter((category) => templates.some(({ categories }) => categories.includes(category)))

export function Gallery({ templates }: { templates: readonly Template[] }) {
  const text = useTemplatesText()
  const format = formats(useLanguage())
  const [typed, setTyped] = useState('')
  const [category, setCategory] = useState<string>()
  const hits = found(templates, { typed, category, categoryWords: text.categories })
  const all = () => {
    setTyped('')
    setCategory(undefined)
  }
  return (
    <section className="templates-gallery" aria-label={text.tabs.gallery} data-testid="gallery">
      <div className="templates-find">
        <TextInput
          aria-label={text.search}
          placeholder={text.search}
          leftSection={<Search size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-testid="search-templates"
        />
        <fieldset className="templates-categories">
          <legend className="templates-only-read">{text.categoriesLabel}</legend>
          <Chip isOn={category === undefined} onPress={() => setCategory(undefined)} name="all">
            {text.allCategories}
          </Chip>
          {categoriesOf(templates).map((each) => (
            <Chip key={each} isOn={category === each} onPress={() => setCategory(category === each ? undefined : each)} name={each}>
              {text.categories[each]}
            </Chip>
          ))}
        </fieldset>
        <p className="templates-count" role="status">
          {text.count(format.number(hits.length), format.number(templates.length))}
        </p>
      </div>
      {hits.length === 0 ? (
        <div className="templates-empty" data-testid="gallery-empty">
          <h2>{typed.trim() === '' ? text.noneInCategory : text.noMatch(typed.trim())}</h2>
          <p>{text.noMatchHint}</p>
          <Button variant="default" onClick={all} data-testid="gallery-all">
            {text.showAll}
          </Button>
        </div>
      ) : (
        <ul className="templates-cards">
          {hits.map((template) => (
            <Card key={template.id} template={template} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Chip({ isOn, onPress, name, children }: { isOn: boolean; onPress: () => void; name: string; children: string }) {
  return (
    <button type="button" className="templates-chip" aria-pressed={isOn} onClick={onPress} data-testid={`category-${name}`}>
      {children}
    </button>
  )
}

function Card({ template }: { template: Template }) {
  const text = useTemplatesText()
  const { id, version, name, summary, author, categories, needs, isMissing, imports } = inLanguage(template, useLanguage())
  return (
    <li className="templates-card">
      <a href={`#t/${encodeURIComponent(id)}`} data-testid={`template-${id}`}>
        <span className="templates-picture">
          <img src={urlOf(getTemplatePicture.path, { params: { templateId: id }, query: { version } })} alt="" loading="lazy" />
        </span>
        <strong>{name}</strong>
        <span className="templates-summary">{summary}</span>
        <span className="templates-card-foot">
          <ThereBadge needs={needs} isMissing={isMissing} />
          <span className="templates-dim">
            {categories.map((each) => text.categories[each as keyof typeof text.categories] ?? each).join(' · ')} · {text.by(author)}
            {imports > 0 && ` · ${text.uses(imports)}`}
          </span>
        </span>
      </a>
    </li>
  )
}
