/** Which templates match what is typed and chosen. No DOM. */
import type { Template } from '../../../server/api/templates/index.ts'

type Searched = Pick<Template, 'id' | 'name' | 'summary' | 'author' | 'categories' | 'nodeTypes' | 'german'>

/** Every word must occur somewhere; both languages are looked at. @param categoryWords what categories are called */
function matches(template: Searched, typed: string, categoryWords: Readonly<Record<string, string>>): boolean {
  const { id, name, summary, author, categories, nodeTypes, german } = template
  const where = [id, name, summary, author, german?.name, german?.summary, ...categories.map((each) => categoryWords[each] ?? each), ...nodeTypes]
    .join(' ')
    .toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word))
}

/** Those with every word in their name first; otherwise in their order. */
export function found<T extends Searched>(
  templates: readonly T[],
  { typed, category, categoryWords }: { typed: string; category: string | undefined; categoryWords: Readonly<Record<string, string>> },
): T[] {
  const hits = templates.filter((each) => (category === undefined || each.categories.includes(category)) && matches(each, typed, categoryWords))
  const words = typed.toLowerCase().trim()
  if (words === '') return hits
  const isNamed = ({ name, german }: T) => name.toLowerCase().includes(words) || german?.name?.toLowerCase().includes(words) === true
  return [...hits.filter(isNamed), ...hits.filter((each) => !isNamed(each))]
}
