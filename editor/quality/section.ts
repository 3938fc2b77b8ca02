/** What a section of the page of quality is given, and how sections are linked. Which ones there are stands in `sections.ts`. */

export interface SectionProps {
  /** What stands in the address behind the section: `''` is its list. */
  place: string
  /** To another place of the same section. */
  go: (place: string) => void
}

/** In the order in which they stand; their names are `sections` in `shared/text/en/quality.ts`. */
export type SectionId = 'characteristics' | 'gauges' | 'studies' | 'sampling' | 'inspection' | 'nonconformance' | 'documents' | 'verification'

/** The address of a place in a section, for links from anywhere. */
export const hashOf = (section: SectionId, place = ''): string => (place === '' ? section : `${section}/${place}`)
