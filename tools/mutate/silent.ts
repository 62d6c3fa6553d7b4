/** Says nothing: what was found is told by the process that started the run. */
export default class Silent {
  onInit(): void {}
}
