"""What a person sees in a notebook: charts, tables, sentences, sliders."""
