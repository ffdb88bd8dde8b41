/** Gaps that are named; of the others only the number is reported. */
const MOST_NAMED = 5;

/**
 * What is missing of a numbered sequence, in lines for a report.
 *
 * @param names in their order; numbers are the last digits before the extension
 */
export function describeGaps(names: readonly string[]): readonly string[] {
  const numbers = names.map((name) => Number(/(\d+)\.[^.]*$/.exec(name)?.[1] ?? NaN));
  const gaps = numbers.flatMap((number, i) => {
    const before = numbers[i - 1];
    const missing = before === undefined ? 0 : number - before - 1;
    if (!(missing > 0)) return [];
    return [{ missing, text: `${missing} between ${names[i - 1]} and ${names[i]}` }];
  });
  if (gaps.length === 0) return [];
  const total = gaps.reduce((sum, { missing }) => sum + missing, 0);
  const named = gaps.slice(0, MOST_NAMED).map(({ text }) => text).join(", ");
  const more = gaps.length > MOST_NAMED ? `, and more in ${gaps.length - MOST_NAMED} other places` : "";
  return [`${total} numbers of the sequence are missing: ${named}${more}`];
}
