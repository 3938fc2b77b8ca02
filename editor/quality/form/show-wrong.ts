/** Brings the first field that is wrong into sight and under the keys, once the page shows what is wrong. */
export function showFirstWrong(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.quality-form [aria-invalid="true"], .quality-foot [aria-invalid="true"]')?.focus())
}
